"""Data files as users have them, and what is said of those that are wrong."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from server.market.replay.bad_file import BadFile
from server.market.replay.reading import read_series
from server.market.replay.rows import Window
from server.market.replay.series import DailySeries, IntradaySeries, SnapshotSeries
from server.market.replay.symbols import symbol_in
from tests.market.play import at
from tests.shared_data import shared_data

HEADER = "date,open,high,low,close,preclose,volume"
GOOD = "2024-09-24,10.10,10.50,9.80,10.20,10.00,1000"
WINDOW = Window(20240923, 20240930)


def stock_tick(symbol: str) -> int:
    return 10 if symbol.startswith(("51", "15")) else 100


def read(path: Path, window: Window = WINDOW) -> list[object]:
    return list(read_series(path, window, stock_tick))


def daily(path: Path, window: Window = WINDOW) -> DailySeries:
    [series] = read(path, window)
    assert isinstance(series, DailySeries)
    return series


def text(folder: Path, *lines: str, name: str = "SH600000.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.mark.parametrize(
    ("written", "symbol"),
    [
        ("SH600519", "600519.SSE"),
        ("sh.600519", "600519.SSE"),
        ("SH_601009_tdx_export_gbk.txt.gz", "601009.SSE"),
        ("600519.SSE", "600519.SSE"),
        ("600519.sh", "600519.SSE"),
        ("000001.XSHE", "000001.SZSE"),
        ("SZ000001_trades_20180903.csv.gz", "000001.SZSE"),
        ("300750", "300750.SZSE"),
        ("BJ920128", "920128.BSE"),
        ("920128.csv", "920128.BSE"),
        ("prices_20240924.csv", None),
        ("999999", None),
    ],
)
def test_symbols_as_vendors_write_them(written: str, symbol: str | None) -> None:
    assert symbol_in(written) == symbol


# Daily files ------------------------------------------------------------------------------------


def test_our_own_columns(tmp_path: Path) -> None:
    path = text(
        tmp_path,
        "date,open,high,low,close,preclose,volume,amount,turnover_pct,trade_status,is_st,name",
        "2024-09-24,10.10,10.50,9.80,10.20,10.00,1000,10150.5,0.1,1,1,*ST浦发",
        "2024-09-25,10.20,10.20,10.20,10.20,10.20,0,0,,0,0,浦发银行",
    )
    series = daily(path)
    assert series.symbol == "600000.SSE"
    assert series.date.tolist() == [20240924, 20240925]
    assert [series.open[0], series.high[0], series.low[0], series.close[0]] == [
        101_000,
        105_000,
        98_000,
        102_000,
    ]
    assert (series.preclose[0], series.volume[0], series.turnover[0]) == (
        100_000,
        1_000,
        101_505_000,
    )
    assert series.traded.tolist() == [True, False]
    assert series.st.tolist() == [True, False]
    assert series.names == ["*ST浦发", "浦发银行"]


def test_baostock(tmp_path: Path) -> None:
    path = text(
        tmp_path,
        "date,code,open,high,low,close,preclose,volume,amount,adjustflag,turn,tradestatus,pctChg,isST",
        "2024-09-24,sh.600000,10.1000,10.5000,9.8000,10.2000,10.0000,1000,10150.0000,3,0.1,1,2.0,0",
        "2024-09-25,sh.600000,10.2000,10.2000,10.2000,10.2000,10.2000,,,3,,0,0.0,1",
        name="whatever.csv",
    )
    series = daily(path)
    assert series.symbol == "600000.SSE"
    assert series.volume.tolist() == [1_000, 0]
    assert series.traded.tolist() == [True, False]
    assert series.st.tolist() == [False, True]


def test_akshare_counts_lots_and_gives_the_change(tmp_path: Path) -> None:
    path = text(
        tmp_path,
        "日期,股票代码,开盘,收盘,最高,最低,成交量,成交额,振幅,涨跌幅,涨跌额,换手率",
        "2024-09-24,600000,10.10,10.20,10.50,9.80,10,10150.0,7.0,2.0,0.20,0.1",
        name="pufa.csv",
    )
    series = daily(path)
    assert series.symbol == "600000.SSE"
    assert (series.volume[0], series.preclose[0], series.high[0]) == (1_000, 100_000, 105_000)


def test_tdx_text_export_in_gbk(tmp_path: Path) -> None:
    lines = [
        "600000 浦发银行 日线 不复权",
        "      日期\t    开盘\t    最高\t    最低\t    收盘\t    成交量\t    成交额",
        "2024/09/23,9.90,10.10,9.80,10.00,500,5000.00",
        "2024/09/24,10.10,10.50,9.80,10.20,1000,10150.00",
        "数据来源:通达信",
    ]
    path = tmp_path / "SH#600000.txt"
    path.write_bytes("\r\n".join(lines).encode("gbk"))
    series = daily(path)
    assert (series.symbol, series.names[0]) == ("600000.SSE", "浦发银行")
    assert series.preclose.tolist() == [0, 100_000]
    assert series.volume.tolist() == [500, 1_000]


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "SH600000.csv"
    path.write_bytes(gzip.compress(f"{HEADER}\n{GOOD}\n".encode()))
    assert daily(path).close.tolist() == [102_000]


def test_one_file_may_hold_many_symbols(tmp_path: Path) -> None:
    path = text(
        tmp_path,
        "symbol,date,open,high,low,close,volume",
        "SZ000001,2024-09-24,10,10.1,9.9,10,100",
        "SH600000,2024-09-24,5,5.1,4.9,5,100",
        "SZ000001,2024-09-25,10,10.2,9.9,10.1,100",
        name="broad.csv",
    )
    assert [series.symbol for series in read(path)] == ["000001.SZSE", "600000.SSE"]


def test_only_the_window_and_the_history_before_it_are_read(tmp_path: Path) -> None:
    days = [f"2024-09-{day:02},10,10.1,9.9,10,10,100" for day in range(9, 27)]
    path = text(tmp_path, HEADER, "2024-08-01,this,row,is,not,looked,at", *days)
    series = daily(path, Window(20240924, 20240925, history=3))
    assert series.date.tolist() == [20240921, 20240922, 20240923, 20240924, 20240925]


def test_rows_out_of_order_are_put_in_order(tmp_path: Path) -> None:
    path = text(tmp_path, HEADER, "2024-09-25,10,10,10,10,10,5", GOOD)
    assert daily(path).date.tolist() == [20240924, 20240925]


def test_a_symbol_without_a_row_in_the_window_is_left_out(tmp_path: Path) -> None:
    text(tmp_path, HEADER, GOOD)
    text(tmp_path, HEADER, "2020-01-02,10,10,10,10,10,5", name="SH600009.csv")
    assert [series.symbol for series in read(tmp_path)] == ["600000.SSE"]


def test_reading_does_not_wait_for_pandas() -> None:
    code = "import sys, server.market.replay.reading; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Intraday files ---------------------------------------------------------------------------------


def test_bars_are_stamped_at_their_end(tmp_path: Path) -> None:
    path = text(
        tmp_path,
        "datetime,open,high,low,close,volume,amount",
        "2024-09-24 09:35,10,10.2,9.9,10.1,500,5000",
        "2024-09-24 09:40,10.1,10.1,10.0,10.0,600,6000",
    )
    [series] = read(path)
    assert isinstance(series, IntradaySeries)
    assert series.span_us == 300_000_000
    assert series.start[0] == at(20240924, "09:30")


def test_a_minute_line_and_ticks_are_told_apart_by_their_seconds(tmp_path: Path) -> None:
    line = text(tmp_path, "datetime,price,volume", "2024-09-24 09:30,10.1,500")
    [series] = read(line)
    assert isinstance(series, IntradaySeries)
    assert series.span_us == 60_000_000
    ticks = text(tmp_path, "datetime,price,volume", "2024-09-24 09:30:02,10.1,500")
    [series] = read(ticks)
    assert isinstance(series, IntradaySeries)
    assert series.span_us == 0


def test_trades_are_taken_from_a_stream_with_cancels(tmp_path: Path) -> None:
    path = text(
        tmp_path,
        "seq,time,kind,price,qty,buy_no,sell_no",
        "1,09:15:00.040,D,,200,1844,0",
        "2,09:25:00.000,T,10.10,300,1,2",
        name="SZ000001_trades_cancels_20240924.csv",
    )
    [series] = read(path)
    assert isinstance(series, IntradaySeries)
    assert (series.close.tolist(), series.volume.tolist()) == ([101_000], [300])
    assert series.start.tolist() == [at(20240924, "09:25")]


def test_snapshots_take_their_day_from_the_files_name(tmp_path: Path) -> None:
    path = text(
        tmp_path,
        "time,preclose,last,open,high,low,volume,amount,bid1,bidq1,ask1,askq1",
        "09:30:03.000,10.00,10.10,10.10,10.10,10.10,900,0,10.00,500,10.10,600",
        name="SZ000001_20240924.csv",
    )
    [shots] = read(path)
    assert isinstance(shots, SnapshotSeries)
    assert (shots.date, shots.preclose) == (20240924, 100_000)
    assert shots.bid_price.shape == (1, 10)
    assert shots.ask_quantity[0, :2].tolist() == [600, 0]


# What is wrong, and where -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("2024-09-24,10.10,10.05,9.80,10.20,10.00,1000", "high", "at least 10.20 would pass"),
        ("2024-09-24,10.10,10.50,10.15,10.20,10.00,1000", "low", "at most 10.10 would pass"),
        ("2024-09-24,-1,10.50,9.80,10.20,10.00,1000", "open", "is negative"),
        ("2024-09-24,0,10.50,9.80,10.20,10.00,1000", "open", "should be above 0"),
        ("2024-09-24,10.105,10.50,9.80,10.20,10.00,1000", "open", "off the tick of 0.01"),
        ("2024-09-24,10.10,10.50,9.80,10.20001,10.00,1000", "close", "10.20 would pass"),
        ("2024-09-24,10.10,abc,9.80,10.20,10.00,1000", "high", "'abc' is no number"),
        ("2024-09-24,10.10,inf,9.80,10.20,10.00,1000", "high", "not a finite number"),
        ("2024-09-24,10.10,10.50,9.80,10.20,10.00,10.5", "volume", "whole number"),
        ("2024-09-24,10.10,10.50,9.80,10.20,10.00", "", "has 6 fields, the header 7"),
        ("2024-09-23,10.10,10.50,9.80,10.20,10.00,1", "date", "is on line 2 already"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, column: str, said: str) -> None:
    before = "2024-09-23,10.00,10.00,10.00,10.00,10.00,1000"
    path = text(tmp_path, HEADER, before, row)
    with pytest.raises(BadFile) as caught:
        read(path)
    assert (caught.value.path, caught.value.line, caught.value.column) == (path, 3, column)
    assert said in caught.value.en
    assert "第3行" in caught.value.zh


def test_a_funds_price_has_a_finer_tick(tmp_path: Path) -> None:
    row = "2024-09-24,1.101,1.105,1.100,1.102,1.100,1000"
    path = text(tmp_path, HEADER, row, name="SH510300.csv")
    assert daily(path).open.tolist() == [11_010]


@pytest.mark.parametrize(
    ("lines", "name", "said"),
    [
        ([GOOD], "SH600000.csv", "has no header"),
        (["a,b,c", "1,2,3"], "SH600000.csv", "header of no known kind: a, b, c"),
        ([HEADER, GOOD], "prices.csv", "name the file after it, as SH600519.csv"),
        ([HEADER, "yesterday,1,1,1,1,1,1"], "SH600000.csv", "'yesterday,' is no date"),
        ([HEADER, "2020-01-02,1,1,1,1,1,1"], "SH600000.csv", "holds nothing from 20240923"),
        (["time,bid1,ask1,preclose", "09:30:00,1,1,1"], "SZ000001.csv", "should hold the date"),
        (["date,open,close", "2024-09-24,1,1"], "SH600000.csv", "there is no column volume"),
        (
            ["symbol,date,open,high,low,close,volume", "abc,2024-09-24,1,1,1,1,1"],
            "x.csv",
            "'abc' is no symbol",
        ),
        (
            ["datetime,price,volume", "2024-09-24 09:31,1,1", "2024-09-24 09:30,1,1"],
            "SH600000.csv",
            "after the row above",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, lines: list[str], name: str, said: str
) -> None:
    path = text(tmp_path, *lines, name=name)
    with pytest.raises(BadFile) as caught:
        read(path)
    assert said in caught.value.en
    assert str(path) in caught.value.zh


def test_folders_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="is not there"):
        read(tmp_path / "nowhere")
    with pytest.raises(BadFile, match="holds no file ending in"):
        read(tmp_path)
    text(tmp_path, HEADER, GOOD)
    text(tmp_path, HEADER, GOOD, name="600000.csv")
    with pytest.raises(BadFile, match=r"600000\.SSE is in another file too"):
        read(tmp_path)


def test_a_folder_holds_one_kind(tmp_path: Path) -> None:
    text(tmp_path, HEADER, GOOD)
    text(tmp_path, "datetime,price,volume", "2024-09-24 09:30,10.1,500", name="SH600009.csv")
    with pytest.raises(BadFile, match="of another kind"):
        read(tmp_path)


def test_a_torn_archive_is_named(tmp_path: Path) -> None:
    path = tmp_path / "SH600000.csv.gz"
    path.write_bytes(gzip.compress(f"{HEADER}\n{GOOD}\n".encode())[:-6])
    with pytest.raises(BadFile, match="cannot be read"):
        read(path)


# Real files -------------------------------------------------------------------------------------


@pytest.mark.needs_data
@pytest.mark.parametrize(
    ("parts", "window", "symbols"),
    [
        (("daily_2007_2019_sse",), Window(20150820, 20150826), 56),
        (("daily_2020_2025",), Window(20240930, 20241011), 205),
        (("daily_2024_2025_qfq_broad.csv.gz",), Window(20240930, 20241011), 429),
        (("daily_2015_2016_qfq_broad.csv.gz",), Window(20160104, 20160107), 420),
        (("minute", "SZ000001_1m_201801.csv.gz"), Window(20180103, 20180103), 1),
        (("minute", "SZ000338_5m_qfq_2015_2020.csv.gz"), Window(20180103, 20180103), 1),
        (("minute",), Window(20190103, 20190103), 4),
        (("ticks", "SZ000001_ticks_20190201_20190211.csv.gz"), Window(20190211, 20190211), 1),
        (("ticks", "SZ000001_trades_20180903.csv.gz"), Window(20180903, 20180903), 1),
        (("snapshots",), Window(20220601, 20220601), 3),
        (("import_samples",), Window(20200102, 20200110), 1),
    ],
)
def test_every_shared_format_is_read(parts: tuple[str, ...], window: Window, symbols: int) -> None:
    assert len(read(shared_data(*parts), window)) == symbols
