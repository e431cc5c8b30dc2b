"""Why a request is refused before it comes to the engine, in both languages."""

from typing import Final

from server.protocol.sentence import Sentence

GATEWAY_SENTENCES: Final[dict[str, Sentence]] = {
    "insufficient_cash_to_repay": Sentence(
        "可用资金不足，最多可还 {figure}",
        "Free cash does not pay for it; at most {figure}",
        "money",
    ),
    "bad_message": Sentence(
        "消息有误：{field} 应为 {expected}", "Bad message: {field} must be {expected}"
    ),
    "not_logged_in": Sentence(
        "请先登录：第一个请求应为 login 或 resume",
        "Log in first: the first request must be login or resume",
    ),
    "already_logged_in": Sentence(
        "此连接已经登录，换用户请新建连接",
        "This connection is logged in already; use a new one for another user",
    ),
    "login_failed": Sentence("用户名或密码错误", "Wrong user name or password"),
    "session_expired": Sentence(
        "会话已过期，请用密码重新登录", "The session has expired; log in with the password"
    ),
    "protocol_version": Sentence(
        "协议版本不符，服务器使用版本 {figure}",
        "Another version of the protocol; the server speaks version {figure}",
        "number",
    ),
    "too_many_requests": Sentence(
        "请求太频繁，请在 {figure} 毫秒后再试",
        "Too many requests; try again in {figure} ms",
        "number",
    ),
    "too_many_logins": Sentence(
        "登录尝试太多，请在 {figure} 秒后再试",
        "Too many login attempts; try again in {figure} s",
        "number",
    ),
    "client_order_id_reused": Sentence(
        "client_order_id 已用于另一笔委托，请换一个",
        "The client_order_id belongs to another order; use a new one",
    ),
    "request_id_reused": Sentence(
        "request_id 已用于另一个请求，请换一个",
        "The request_id belongs to another request; use a new one",
    ),
    "engine_stopped": Sentence(
        "交易引擎已停止，只能查询；恢复后再试",
        "The trading engine has stopped and only reading is possible; try again when it is back",
    ),
    "unknown_symbol": Sentence(
        "没有证券 {symbol}，应为 600519.SSE 这样的代码",
        "There is no instrument {symbol}; a symbol looks like 600519.SSE",
    ),
    "not_your_account": Sentence(
        "账户 {account} 不是您的账户，请用账户列表中的编号",
        "Account {account} is not yours; use a number from your list of accounts",
    ),
    "too_many_accounts": Sentence(
        "现金账户太多，最多 {figure} 个，请用已有的账户",
        "Too many cash accounts, {figure} at most; use one that you have",
        "number",
    ),
    "not_permitted": Sentence(
        "没有权限：这是风控员的操作", "Not permitted: this is a risk officer's business"
    ),
    "second_officer_needed": Sentence(
        "已由您提请，须由另一位风控员确认", "You proposed it; another officer must confirm it"
    ),
    "not_held": Sentence("该账户没有被暂缓平仓", "The account's forced sales are not held"),
    "no_session_known": Sentence(
        "日历里没有下一个交易日，请更新日历后再试",
        "The calendar knows no next session; it passes with a newer calendar",
    ),
    "hold_needs_an_end": Sentence(
        "暂缓必须有截止时间，且在五天以内", "A hold needs an end, at most five days away"
    ),
    "cannot_reduce": Sentence(
        "不能减仓：不是未了结的合约，或强制卖出正在进行",
        "It cannot be reduced: no open contract, or a forced sale is under way",
    ),
    "one_subject": Sentence(
        "请只指定账户、客户或证券中的一个", "Name one of account, person and symbol"
    ),
    "reason_needed": Sentence("请写明原因", "Say why"),
    "unknown_notice": Sentence(
        "没有这条通知，请用通知列表中的编号",
        "There is no such notice; use a number from your list of notices",
    ),
    "overloaded": Sentence("服务器繁忙，请稍后再试", "The server is busy; try again in a moment"),
    "internal_error": Sentence(
        "服务器内部错误，请求结果未知，请查询后再试",
        "An error inside the server; look up what came of the request before you try again",
    ),
    "slow_reader": Sentence(
        "读取太慢，连接已断开，请用 resume 继续",
        "Too slow a reader: cut off; continue with resume",
    ),
    "too_many_bad_messages": Sentence("错误消息太多，连接已断开", "Too many bad messages: cut off"),
    "login_timeout": Sentence("登录超时，连接已断开", "No login in time: cut off"),
    "too_many_connections": Sentence(
        "连接太多，请关闭一些后再试", "Too many connections; close some and try again"
    ),
    "server_stopping": Sentence("服务器正在停止", "The server is stopping"),
}
