"""The instruments themselves measure right; what they measure has no test."""

import asyncio

from starlette.testclient import TestClient

from tests.bench import crowd
from tests.bench.pages import lost_of
from tests.bench.peers import app
from tests.bench.report import Report, middle, percentile
from tests.network import far_away
from trova_app.state.completion import Completion


def test_percentiles_are_values_that_were_measured():
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert (percentile(values, 50), percentile(values, 95), percentile([7.0], 50)) == (3.0, 5.0, 7.0)


def test_the_middle_of_what_a_coarse_clock_read_is_where_the_middle_was():
    true = [1.60 + n / 1000 for n in range(101)]  # ms; begun anywhere in a step of the clock, read in whole ones
    read = [(int((0.013 * n + ms) * 10) - int(0.013 * n * 10)) / 10 for n, ms in enumerate(true)]
    assert percentile(read, 50) in (1.6, 1.7)
    assert abs(middle(read, 0.1) - 1.65) < 0.02
    assert middle([1.7, 1.7000000000000002, 1.6], 0.1) == middle([1.7, 1.7, 1.6], 0.1)
    assert middle([3.0, 1.0, 2.5]) == 2.5


def test_a_lost_character_is_counted_wherever_it_is_missing():
    assert [lost_of(shown, "abcdef") for shown in ("abcdef", "abdef", "fabcde", "", "abcXdef")] == [0, 1, 1, 6, 0]


def test_what_is_sent_far_away_arrives_whole_and_in_order():
    sent = bytes(range(256)) * 2000

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(len(sent)))
        await writer.drain()
        writer.close()

    async def there_and_back() -> bytes:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        with far_away(server.sockets[0].getsockname()[1], 20) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            back = await reader.read(-1)
            writer.close()
        server.close()
        return back

    assert asyncio.run(there_and_back()) == sent


def test_the_socket_floor_adds_up_what_it_is_told():
    with TestClient(app).websocket_connect("/rows?rows=2") as socket:
        socket.send_text('["price.1", "2,50"]')
        assert socket.receive_text() == "R 1 252,50"


def test_what_is_posted_to_the_bare_server_is_pushed_to_the_page_that_listens():
    with TestClient(app) as browser, browser.websocket_connect("/listen") as socket:
        assert browser.post("/told", content="KHA-0001 Paid").status_code == 200
        assert socket.receive_text() == "KHA-0001 Paid"


def test_both_floors_have_as_many_boxes_in_a_row_as_the_form():
    for path in ("/local?rows=3", "/socket?rows=3"):
        assert TestClient(app).get(path).text.count("<input") == 3 * 7


def test_every_line_says_when_of_what_and_where(capsys):
    report = Report()
    report.spread("Key", [1.0, 2.0, 3.0], compared="1.5 x")
    assert {"at", "commit", "cores", "load", "p95", "n"} <= report.lines[0].keys()
    assert "| Key" in report.table()


def test_a_crowd_types_into_the_form_by_the_name_it_has():
    assert Completion.get_full_name() == crowd.FORM
