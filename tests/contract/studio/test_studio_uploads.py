"""Uploads are bounded while they are read, taken by content, and all or nothing."""
# pyright: reportUnknownMemberType=false

import io
import wave
from collections.abc import AsyncIterator, Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import av
import httpx
import numpy as np
import pytest
from PIL import Image

from nightreel.studio.bodies import display_name

Studio = Callable[..., Any]
Picture = Callable[..., bytes]


def upload(session: str) -> str:
    """Return the path of an upload."""
    return f"/api/upload-video/nemo_agent/me/{session}"


def sound() -> bytes:
    """Return a short WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8_000)
        writer.writeframes(bytes(8_000))
    return file.getvalue()


async def test_one_bad_file_refuses_the_whole_upload(studio: Studio, picture: Picture, tmp_path: Path) -> None:
    """A text that calls itself a photo refuses the upload, and no byte of it stays on the disk."""
    async with studio() as api:
        session = await api.session(0)
        files = [("files", ("a.jpg", picture(8, 8), "image/jpeg")), ("files", ("b.jpg", b"hello", "image/jpeg"))]
        answer = await api.call("POST", upload(session), files=files)
        assert (answer.status_code, answer.json()["code"]) == (415, 4001)
        assert "b.jpg" in answer.json()["message"]
        state = await api.call("GET", f"/api/state/nemo_agent/me/{session}/latest")
        assert state.json()["data"]["state"]["video_infos"] == []
        assert not list((tmp_path / "studio" / "assets").iterdir())
        assert not list((tmp_path / "studio" / "incoming").iterdir())


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("a.jpg", "JPEG", 0),
        ("a.jpeg", "PNG", 0),
        ("a.webp", "WEBP", 0),
        ("a.gif", "GIF", 0),
        ("a.wav", "WAV", 0),
        ("a.txt", "JPEG", 4001),
        ("a.mp4", "JPEG", 4001),
        ("a.jpg", "BMP", 4001),
        ("a", "JPEG", 4001),
    ],
)
async def test_types_go_by_content_and_name(
    studio: Studio, picture: Picture, name: str, kind: str, code: int
) -> None:
    """A file is taken when content and extension are of one accepted family."""
    content = sound() if kind == "WAV" else picture(8, 8, kind)
    async with studio() as api:
        session = await api.session(0)
        answer = await api.call("POST", upload(session), files={"files": (name, content, "image/jpeg")})
        assert answer.json()["code"] == code


async def test_a_file_that_is_too_large_is_refused_while_it_comes_in(studio: Studio, tmp_path: Path) -> None:
    """Of an endless file no more is read and kept than the limit and a little."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
        while sent < 400:
            sent += 1
            yield bytes(1024 * 1024)

    async with studio(max_file_bytes=3 * 1024 * 1024) as api:
        session = await api.session(0)
        api.headers["Content-Type"] = "multipart/form-data; boundary=x"
        answer = await api.call("POST", upload(session), content=endless())
        assert (answer.status_code, answer.json()["code"]) == (413, 4002)
        assert sent < 30
        assert not list((tmp_path / "studio" / "incoming").iterdir())


async def test_bodies_are_bounded_and_checked(studio: Studio, picture: Picture) -> None:
    """Too many files, an upload too large as a whole, a cut one, one without files, and no JSON are refused."""
    async with studio(max_files=2, max_request_bytes=10_000) as api:
        session = await api.session(0)
        many = [("files", (f"{n}.jpg", picture(8, 8), "image/jpeg")) for n in range(3)]
        assert (await api.call("POST", upload(session), files=many)).status_code == 400
        large = {"files": ("a.jpg", bytes(20_000), "image/jpeg")}
        assert (await api.call("POST", upload(session), files=large)).json()["code"] == 4002
        assert (await api.call("POST", upload(session), files={"other": ("a.jpg", b"x")})).status_code == 400
        path = "/api/tasks/me/with-session/nemo_agent"
        assert (await api.call("POST", path, content=b"{")).status_code == 400
        assert (await api.call("POST", path, json={"language": 7})).status_code == 422
        assert (await api.call("POST", path, content=b" " * 5_000_000)).status_code == 413
        api.headers["Content-Type"] = "multipart/form-data; boundary=x"
        cut = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\nhalf'
        assert (await api.call("POST", upload(session), content=cut)).status_code == 400


async def test_a_hostile_name_is_only_shown(studio: Studio, picture: Picture, tmp_path: Path) -> None:
    """A file name is never a path: it is told without its folders, and the file stands under our own id."""
    async with studio() as api:
        session = await api.session(0)
        files = {"files": ('../../手工 "杯".jpg', picture(8, 8), "image/jpeg")}
        answer = await api.call("POST", upload(session), files=files)
        assert answer.json()["data"]["files"][0]["filename"] == '手工 "杯".jpg'
        (kept,) = (tmp_path / "studio" / "assets").iterdir()
        assert kept.name.startswith("asset_")
    assert display_name("C:\\photos\\a.jpg") == "a.jpg"
    assert display_name("..") == ".."
    assert len(display_name("x" * 999 + ".jpg")) == 200


@pytest.fixture
def photo_server(picture: Picture) -> Any:  # noqa: ANN401 - a generator of an address
    """Serve a photo under /a.jpg, a redirect to it under /old.jpg, on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/old.jpg":
                self.send_response(302)
                self.send_header("Location", "/a.jpg")
                self.end_headers()
                return
            self.send_response(200 if self.path == "/a.jpg" else 404)
            self.end_headers()
            self.wfile.write(picture(1080, 1920))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server has it
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


async def test_uploads_by_url_are_fetched(studio: Studio, photo_server: str, fixture: Any) -> None:  # noqa: ANN401
    """A photo is fetched by its URL, through a redirect, and told like any other; a missing one refuses all."""
    wanted = fixture("upload_urls")["answers"]["envelope"]["body"]["data"]["files"][0]
    async with studio(private_urls=True) as api:
        session = await api.session(0)
        body = {"urls": [f"{photo_server}/old.jpg"], "source_type": "url"}
        (file,) = (await api.call("POST", upload(session), json=body)).json()["data"]["files"]
        assert file.keys() >= wanted.keys()
        assert {name: file[name] for name in ("filename", "file_type", "width", "height")} == {
            name: wanted[name] for name in ("filename", "file_type", "width", "height")
        }
        body = {"urls": [f"{photo_server}/a.jpg", f"{photo_server}/none.jpg"], "source_type": "url"}
        assert (await api.call("POST", upload(session), json=body)).status_code == 422


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/a.jpg", "http://[::1]/a.jpg", "file:///etc/passwd", "http://u:p@x/a", "x"]
)
async def test_the_machines_own_network_is_not_fetched_from(studio: Studio, url: str) -> None:
    """An address of this machine or of its network, and anything but plain http, is refused unasked."""
    async with studio() as api:
        session = await api.session(0)
        answer: httpx.Response = await api.call("POST", upload(session), json={"urls": [url], "source_type": "url"})
        assert answer.status_code == 422
        assert "passwd" not in answer.text


def clip(folder: Path, name: str = "a.mp4", degrees: int = 0) -> bytes:
    """Return a clip of half a second, 96x64, that is to be shown turned."""
    with av.open(str(folder / name), "w") as container:
        stream: Any = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.set_display_rotation(degrees)
        for _ in range(15):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 96, 3), np.uint8), "rgb24")))
        container.mux(stream.encode(None))
    return (folder / name).read_bytes()


async def test_clips_and_animations_come_with_their_length(studio: Studio, tmp_path: Path) -> None:
    """A clip's sides are those it is shown with; an animated image says how long it plays, a still one does not."""
    images = [Image.new("RGB", (20, 16), colour) for colour in ("red", "green", "blue")]
    gif = io.BytesIO()
    images[0].save(gif, "GIF", save_all=True, append_images=images[1:], duration=[100, 200, 200])
    still = io.BytesIO()
    images[0].save(still, "GIF")
    files = [
        ("files", ("a.mp4", clip(tmp_path, degrees=90), "video/mp4")),
        ("files", ("b.gif", gif.getvalue(), "image/gif")),
        ("files", ("c.gif", still.getvalue(), "image/gif")),
    ]
    async with studio() as api:
        session = await api.session(0)
        answer = await api.call("POST", upload(session), files=files)
        told = [(f["file_type"], f["width"], f["height"], f["duration"]) for f in answer.json()["data"]["files"]]
        assert told == [("video", 64, 96, 0.5), ("image", 20, 16, 0.5), ("image", 20, 16, None)]


async def test_a_clip_that_cannot_be_decoded_is_refused(studio: Studio, tmp_path: Path) -> None:
    """What would fail the render is refused when it comes, by its name."""
    whole = clip(tmp_path)
    begin, end = whole.index(b"mdat") + 4, whole.index(b"moov") - 4
    broken = whole[:begin] + b"\xff" * (end - begin) + whole[end:]
    async with studio() as api:
        session = await api.session(0)
        answer = await api.call("POST", upload(session), files={"files": ("a.mp4", broken, "video/mp4")})
        assert answer.json()["code"] == 4001
        assert "a.mp4" in answer.json()["message"]


async def test_clips_are_cut_and_sounds_are_not(studio: Studio, picture: Picture, tmp_path: Path) -> None:
    """A clip and a photo stand on the timeline in the order of their upload; a sound is kept, and not cut yet."""
    files = [
        ("files", ("a.mp4", clip(tmp_path), "video/mp4")),
        ("files", ("b.wav", sound(), "audio/wav")),
        ("files", ("c.jpg", picture(8, 8), "image/jpeg")),
    ]
    async with studio() as api:
        session = await api.session(0)
        await api.call("POST", upload(session), files=files)
        await api.prompt(session, "Create a 4-second video")
        segments = (await api.draft(session))["t"][0]["sg"]
        assert [(segment["m"]["name"], segment["d"]) for segment in segments] == [("a.mp4", 500), ("c.jpg", 3_500)]
