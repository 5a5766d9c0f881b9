"""One small function for each construct of the pure subset: run here, and translated, on the cases below."""

from dataclasses import dataclass
from functools import lru_cache

STEP = 7


@dataclass(frozen=True, slots=True)
class Row:
    """A row."""

    a: int
    b: list[int]


def floor_division(a: int, b: int) -> int:
    return a // b


def remainder(a: int, b: int) -> int:
    return a % b


def power_of_huge_numbers(a: int, b: int) -> int:
    """A docstring stays behind."""
    c: int = a**b
    return c * -a


@lru_cache(maxsize=2)
def remembered(a: int, b: str) -> str:
    return str(a) + b


@lru_cache(maxsize=100)
def remembered_nothing(a: str, b: int) -> int | None:
    return len(a) if b > 0 else None


def constant_of_the_module(a: int) -> int:
    return a + STEP


def changing_a_name(a: int) -> int:
    b: int = a
    b += 2
    b *= b
    a -= b
    return a


def changing_one_of_a_list(x: list[int]) -> list[int]:
    y = [n for n in x]  # noqa: C416
    y[0] += 5
    y[1] = y[0]
    return y


def choosing(a: int) -> str:
    if a < 0:
        return "below"
    elif a == 0:
        return "none"
    else:
        return "above"


def nothing_returned(a: int) -> int | None:
    if a > 1:
        return a
    return None


def loop_over_pairs(x: list[tuple[int, int]]) -> int:
    s = 0
    for a, b in x:
        s += a * b
    return s


def loop_over_a_text(t: str) -> list[str]:
    out = [""]
    for c in t:
        out.append(c)
    return out


def nested_comprehension(x: list[list[int]]) -> list[int]:
    return [n * 2 for row in x if len(row) > 1 for n in row if n > 0 if n != 9]


def any_and_all(x: list[int]) -> list[bool]:
    return [any(n > 2 for n in x), all(n > 2 for n in x)]


def distinct_in_order(x: list[int]) -> list[int]:
    return sorted({n % 30 for n in x})


def sorting_by_several_keys(x: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return sorted(x, key=lambda p: (-p[0], p[1]))


def sorting_keeps_equals_in_order(x: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return sorted(x, key=lambda p: p[0])


def walking_two_lists(x: list[int], y: list[int]) -> list[int]:
    return [a * b for a, b in zip(x, y, strict=True)]


def largest_and_smallest(a: int, b: int) -> list[int]:
    return [max(a, b, 0), min(a, b), abs(a)]


def counting(n: int) -> int:
    return sum([i * i for i in range(n)])


def joining_lists(x: list[int]) -> list[int]:
    return [0] + x


def cuts_of_texts(t: str) -> list[str]:
    return [t[1:], t[:1], t[1:2], t[:-1], t[0], str(len(t))]


def cuts_of_lists(x: list[int]) -> list[list[int]]:
    return [x[1:], x[:2], x[:-1]]


def membership(t: str, c: str) -> list[bool]:
    return [c in t, c not in ["a", "b"], t.startswith(c), t.endswith(c)]


def taking_off_spaces_only(t: str) -> str:
    return t.strip(" ")


def splitting_joining_filling(t: str) -> list[str]:
    return [t.rjust(5, "0"), "-".join(t.split(","))] + t.split(",")


def every_ascii_sign(t: str) -> str:
    return t + "a\"\\\n\x00\x1f$&`${x}'</script>"


def looking_up(x: list[tuple[str, str]]) -> list[str]:
    d = dict(x)
    return [d.get("a", "?"), d.get("__proto__", "?"), d.get("", "?")]


def first_mention_keeps_its_place(x: list[tuple[str, str]]) -> list[str]:
    return [k + v for k, v in dict(x).items() if k != "z"]


def made(n: int) -> Row:
    return Row(b=[n], a=n + 1)


def rows_by_keyword(n: int) -> int:
    r = made(n)
    return r.a * r.b[0]


def is_less(a: int, b: int) -> bool:
    return a < b


def named_truth(a: int, b: int, on: bool) -> str:
    first, off = is_less(a, b) and not on, not on
    return "x" if first or (on and a > b) or (off and a == b) else "y"


def none_is_not_zero(a: int | None) -> bool:
    return a is None or a is not None and a > 3


def several_names_at_once(a: int, b: int) -> list[int]:
    a, b = b, a + b
    return [a, b]


def digits_to_a_number(t: str) -> int:
    return int(t)


def beyond_the_end(x: list[int]) -> int:
    return x[5]


def lists_of_different_length(x: list[int], y: list[int]) -> int:
    return len([a for a, b in zip(x, y, strict=True)])


CASES: dict[str, list[tuple[object, ...]]] = {
    "floor_division": [(7, 2), (-7, 2), (7, -2), (-7, -2), (-6, 2), (0, 5)],
    "remainder": [(7, 3), (-7, 3), (7, -3), (-7, -3), (0, 5)],
    "power_of_huge_numbers": [(10, 30), (-3, 3), (2, 0)],
    "remembered": [(1, "a"), (1, "a"), (2, "a"), (3, "a"), (1, "a"), (1, "b"), (2, "b"), (1, "a")],
    "remembered_nothing": [("ab", 0), ("ab", 1), ("", 1), ("\U0001f600\u00e9", 1), ("\U0001f600\u00e9", 0)],
    "constant_of_the_module": [(1,), (-7,)],
    "changing_a_name": [(3,), (-9,)],
    "changing_one_of_a_list": [([1, 2],)],
    "choosing": [(-1,), (0,), (1,)],
    "nothing_returned": [(1,), (2,)],
    "loop_over_pairs": [([(1, 2), (3, 4)],), ([],)],
    "loop_over_a_text": [("a\U0001f600b",), ("",)],
    "nested_comprehension": [([[1], [2, -3], [4, 9, 6]],)],
    "any_and_all": [([],), ([1],), ([3],), ([1, 3],)],
    "distinct_in_order": [([5, 40, 3, 20, 1, 5, 10, 2],)],
    "sorting_by_several_keys": [([(1, 10), (2, 9), (10, 1), (2, 10), (1, 2)],)],
    "sorting_keeps_equals_in_order": [([(1, 3), (0, 9), (1, 2), (0, 1)],)],
    "walking_two_lists": [([1, 2], [3, 4]), ([], [])],
    "largest_and_smallest": [(-5, 3), (9, 10)],
    "counting": [(5,), (0,), (-2,)],
    "joining_lists": [([1],), ([],)],
    "cuts_of_texts": [("\U0001f600bc",), ("a\u0301",)],
    "cuts_of_lists": [([1, 2, 3],), ([],)],
    "membership": [("abc", "c"), ("abc", ""), ("", "a"), ("aa", "a")],
    "taking_off_spaces_only": [(" a ",), ("\t\u00a0 a",), ("  ",)],
    "splitting_joining_filling": [("1,2,,3",), ("",), ("abcdefg",)],
    "every_ascii_sign": [("",)],
    "looking_up": [([("a", "1"), ("b", "2"), ("a", "3")],), ([("__proto__", "x"), ("", "y")],), ([],)],
    "first_mention_keeps_its_place": [([("a", "1"), ("10", "2"), ("2", "x"), ("a", "3"), ("z", "9")],)],
    "rows_by_keyword": [(3,)],
    "named_truth": [(1, 2, False), (2, 1, False), (2, 1, True), (1, 2, True), (1, 1, False)],
    "none_is_not_zero": [(None,), (0,), (3,), (4,)],
    "several_names_at_once": [(1, 2)],
    "digits_to_a_number": [("007",), ("9" * 40,)],
}
FAILS: dict[str, list[tuple[object, ...]]] = {  # on both sides, and loudly
    "beyond_the_end": [([1],)],
    "lists_of_different_length": [([], [1]), ([1], []), ([1, 2], [1])],
    "digits_to_a_number": [("",), ("0x10",), ("1.5",), ("-",)],
    "floor_division": [(1, 0)],
    "remainder": [(1, 0)],
}
