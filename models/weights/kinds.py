"""Whether a file is of the kind that its name says, by its first bytes: an error page saved as `model.onnx` is found out."""

from __future__ import annotations

from pathlib import Path

from models.weights.errors import WrongContent

HEAD = 64
"""Bytes that are looked at."""
ZIP = b"PK\x03\x04"
PICKLE = b"\x80"
HDF = b"\x89HDF\r\n\x1a\n"

STARTS: dict[str, tuple[bytes, ...]] = {
    **dict.fromkeys((".pt", ".pth", ".bin", ".ckpt", ".t7"), (ZIP, PICKLE)),
    **dict.fromkeys((".ts", ".jit", ".torchscript", ".zip", ".task", ".npz", ".keras"), (ZIP,)),
    **dict.fromkeys((".h5", ".hdf5"), (HDF,)),
    ".npy": (b"\x93NUMPY",),
    ".onnx": (b"\x08",),  # the first field of a ModelProto, ir_version
    ".json": (b"{", b"["),
    ".xml": (b"<",),
}
"""How files with these endings begin."""
NEVER = (".pkl", ".pickle", ".joblib", ".py", ".so", ".dll", ".dylib", ".exe", ".sh")
"""Kinds that are programs: no model here reads them."""


def check_kind(path: Path, name: str) -> None:
    """Raises `WrongContent` unless the file at `path` begins as a file called `name` does. Endings that are not known may begin anyhow."""
    ending = Path(name).suffix.lower()
    with path.open("rb") as file:
        head = file.read(HEAD)
    if ending in NEVER:
        raise WrongContent(f"{name}: files that end in {ending} are programs, not weights")
    if not head:
        raise WrongContent(f"{name} is empty")
    page = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<!doctype html", b"<html"))
    if page or not _begins(ending, head):
        raise WrongContent(f"{name} does not begin as a {ending or 'weights'} file does" + ("; it is a web page" if page else ""))


def _begins(ending: str, head: bytes) -> bool:
    if ending == ".tflite":
        return head[4:8] == b"TFL3"
    if ending == ".safetensors":
        return head[8:9] == b"{"
    if ending in (".json", ".xml"):
        head = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if ending in (".txt", ".yaml", ".yml", ".mvn", ".md"):
        return b"\0" not in head
    return head.startswith(STARTS.get(ending, (b"",)))
