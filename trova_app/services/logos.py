"""A practice's logo: a small PNG or JPEG, known by its content, whatever its name says."""

import struct
import zlib

from trova_app.domain.refusals import Refusal

LARGEST = 512 * 1024  # bytes
WIDEST = 3000  # pixels, so that no small file opens into a huge picture
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
WRONG = "Choose a PNG or JPEG picture."


def mime_of(data: object) -> str:
    """image/png or image/jpeg. Raises `Refusal` beside the field "logo" for everything else."""
    if not isinstance(data, bytes) or not data:
        raise Refusal(WRONG, "logo")
    if len(data) > LARGEST:
        raise Refusal("Choose a picture of at most 512 kB.", "logo")
    try:
        mime, size = ("image/png", _png_size(data)) if data.startswith(PNG) else ("image/jpeg", _jpeg_size(data))
    except (ValueError, struct.error, IndexError):
        raise Refusal(WRONG, "logo") from None
    if not all(0 < side <= WIDEST for side in size):
        raise Refusal(f"Choose a picture of at most {WIDEST} by {WIDEST} pixels.", "logo")
    return mime


def _png_size(data: bytes) -> tuple[int, int]:
    """Reads every chunk with its checksum; ValueError where one is cut short or wrong."""
    place, kinds = len(PNG), []
    while place < len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 4 : place + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, place + 8 + length)
        if zlib.crc32(body) != checksum:
            raise ValueError("a chunk is damaged")
        kinds.append(kind)
        place += 12 + length
    if kinds[0] != b"IHDR" or b"IDAT" not in kinds or kinds[-1] != b"IEND":
        raise ValueError("not a whole picture")
    width, height = struct.unpack_from(">II", data, len(PNG) + 8)
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Walks the segments up to the frame, which says how large the picture is."""
    if not data.startswith(JPEG) or not data.rstrip(b"\x00").endswith(b"\xff\xd9"):
        raise ValueError("not a whole picture")
    place = len(JPEG)
    while True:
        if data[place] != 0xFF:
            raise ValueError("a segment is damaged")
        marker = data[place + 1]
        if marker in START_OF_FRAME:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
        if marker in STANDALONE:
            place += 2
            continue
        (length,) = struct.unpack_from(">H", data, place + 2)
        if length < 2:
            raise ValueError("a segment is damaged")
        place += 2 + length
