"""An option that takes one value is given once; options out of range are wrong usage."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewise.cli import main


@pytest.fixture
def data(tmp_path: Path) -> str:
    path = tmp_path / "a.csv"
    rows = "".join(f"{shop},2024-01-{day:02},{day % 5}\n" for shop in "ab" for day in range(1, 31))
    path.write_text("shop,date,y\n" + rows)
    return str(path)


@pytest.mark.parametrize(
    "words", [["--id", "shop", "--id", "y"], ["--id=shop", "--horizon", "2", "--id", "y"]]
)
@pytest.mark.parametrize("command", [["look"], ["fit", "forecast"]])
def test_an_option_given_twice(
    command: list[str], words: list[str], data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, data, *words]) == 2
    assert "--id is given twice (shop, y), and takes one value" in capsys.readouterr().err


def test_options_that_repeat_do(data: str) -> None:
    words = [
        "--id",
        "shop",
        "--missing",
        "-999",
        "--missing",
        "-998",
        "--target",
        "y",
        "--horizon",
        "2",
    ]
    assert main(["look", data, *words]) == 0


@pytest.mark.parametrize("setting", ["units=0", "learning_rate=2", "levels=[0]"])
def test_a_setting_out_of_range_is_wrong_usage(
    setting: str, data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fit", "forecast", data, "--id", "shop", "--horizon", "2", "--set", setting]) == 2
    assert setting.partition("=")[0] in capsys.readouterr().err


def test_a_calendar_that_is_none_is_wrong_usage(
    data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["look", data, "--id", "shop", "--calendar", "DE-XX"]) == 2
    assert "DE has no part 'XX'" in capsys.readouterr().err
