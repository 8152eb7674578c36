"""Chromium as a process: found, started with nothing but its pipes and our proxy, and ended.

Belongs here: the command line and the life of the process. No browser is ever downloaded: it is the distribution's.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from archiver.browser.cdp import Connection
from archiver.browser.page import Limits, Permit, Record, Rendered, Tab
from archiver.browser.proxy import GuardedProxy, Resolve, resolve
from archiver.errors import BrowserError, ConfigError
from archiver.models import CrawlContext

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-quic",  # HTTP/1.1 alone has heads that are bytes
    "--disable-http2",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-search-engine-choice-screen",
    "--disable-features=Translate,OptimizationHints,MediaRouter,Prerender2,SpeculationRulesPrefetchFuture,AutofillServerCommunication,HttpsUpgrades,LocalNetworkAccessChecks",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--hide-scrollbars",
    "--mute-audio",
    "--no-first-run",
    "--no-pings",
    "--no-startup-window",
    "--metrics-recording-only",
    "--password-store=basic",
    "--use-mock-keychain",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # names go to the proxy, and nowhere else
    "--proxy-bypass-list=<-loopback>",
)

START_MAX = 30.0
END_MAX = 5.0


def find_chromium(named: str | None = None) -> Path:
    """The browser that is named, or the first that is on the PATH. Raises `ConfigError` with what to install."""
    if named:
        found = shutil.which(named)
        if found is None:
            raise ConfigError(f'[browser] executable: "{named}" is no program; on Debian it is /usr/bin/chromium')
        return Path(found)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    raise ConfigError(
        "rendered capture needs Chromium, and there is none on the PATH: apt-get install chromium fonts-dejavu-core, "
        'or name a program with executable = "…" under [browser] in archiver.toml'
    )


def version_of(executable: Path) -> str:
    """What the browser calls itself. Raises `BrowserError`."""
    try:
        done = subprocess.run([executable, "--version"], capture_output=True, text=True, timeout=START_MAX, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise BrowserError(f"{executable}: does not start: {error}") from error
    return done.stdout.strip()[:200] or executable.name


class Chromium:
    """One running browser with its proxy; a context manager. `permits` judges addresses, see `GuardedProxy`."""

    def __init__(
        self,
        executable: Path,
        permits: Callable[[str], bool],
        *,
        user_agent: str,
        verify_certificates: bool = True,
        resolve: Resolve = resolve,
    ) -> None:
        self._executable, self._user_agent, self._verify = executable, user_agent, verify_certificates
        self.proxy = GuardedProxy(permits, resolve)
        self.connection = Connection()
        self._folder: str | None = None
        self._pid = 0
        self._tabs: dict[str, Tab] = {}

    async def __aenter__(self) -> Chromium:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Raises `BrowserError` when it does not come up."""
        await self.proxy.start()
        self._folder = tempfile.mkdtemp(prefix="archiver-browser-")
        read, write = self._spawn(self._folder)
        await self.connection.open(read, write)
        self.connection.on("Target.attachedToTarget", self._attached)
        try:
            await self.connection.send("Browser.getVersion", within=START_MAX)
            await self.connection.send(
                "Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=True, flatten=True
            )
        except BrowserError as error:
            await self.stop()
            raise BrowserError(f"{self._executable}: does not come up: {error}") from error

    @property
    def alive(self) -> bool:
        return self._pid != 0 and not self.connection.closed.is_set()

    def _spawn(self, folder: str) -> tuple[int, int]:
        """Starts the process; (what it writes, what it reads) as descriptors of ours."""
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        high = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 10) for number in (theirs_in, theirs_out)]
        silence = os.open(os.devnull, os.O_RDWR)
        os.close(theirs_in)
        os.close(theirs_out)
        own = [f"--user-data-dir={folder}", f"--proxy-server=socks5://127.0.0.1:{self.proxy.port}"]
        own += [f"--user-agent={self._user_agent}"]
        own += ["--no-sandbox"] if os.geteuid() == 0 else []  # as root Chromium refuses to start with it
        own += [] if self._verify else ["--ignore-certificate-errors"]
        actions = [
            *((os.POSIX_SPAWN_DUP2, silence, number) for number in range(3)),
            (os.POSIX_SPAWN_DUP2, high[0], 3),
            (os.POSIX_SPAWN_DUP2, high[1], 4),
        ]
        try:
            arguments = [str(self._executable), *FLAGS, *own]
            environment = {**os.environ, "HOME": folder}
            self._pid = os.posix_spawn(self._executable, arguments, environment, file_actions=actions, setsid=True)
        except OSError as error:
            raise BrowserError(f"{self._executable}: cannot be started: {error.strerror}") from error
        finally:
            for number in (*high, silence):
                os.close(number)
        return ours_in, ours_out

    async def stop(self) -> None:
        """Ends the browser and everything that it started, and throws its profile away."""
        if self._pid:
            with suppress(BrowserError):
                await self.connection.send("Browser.close", within=END_MAX)
            self.connection.close()
            await self._reap()
        await self.proxy.stop()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    async def _reap(self) -> None:
        for _ in range(int(END_MAX / 0.05)):
            with suppress(ChildProcessError):
                if os.waitpid(self._pid, os.WNOHANG)[0] == 0:
                    await asyncio.sleep(0.05)
                    continue
            break
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, signal.SIGKILL)  # its own session: whatever is left of it
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)
        self._pid = 0

    async def render(
        self, url: str, context: CrawlContext, permit: Permit, record: Record, limits: Limits | None = None
    ) -> Rendered:
        """One page in a fresh profile. Raises `Refused` when the page itself cannot be had, `BrowserError` when Chromium fails."""
        profile = (await self.connection.send("Target.createBrowserContext", disposeOnDetach=True))["browserContextId"]
        tab = Tab(self.connection, self.proxy, url, context, permit, record, limits or Limits())
        try:
            await self.connection.send("Browser.setDownloadBehavior", behavior="deny", browserContextId=profile)
            made = self.connection.send("Target.createTarget", url="about:blank", browserContextId=profile)
            self._tabs[profile] = tab
            await made
            return await tab.run()
        finally:
            self._tabs.pop(profile, None)
            tab.end()
            with suppress(BrowserError):
                await self.connection.send("Target.disposeBrowserContext", browserContextId=profile)

    def _attached(self, event: dict[str, object]) -> None:
        """A top-level target that waits to be let go: ours, or one that a page opened (a window, a service worker), which ends here."""
        info = event["targetInfo"]
        assert isinstance(info, dict)
        tab = self._tabs.get(str(info.get("browserContextId")))
        if tab is not None and info["type"] == "page" and not tab.attached.done():
            tab.attached.set_result((str(event["sessionId"]), str(info["targetId"])))
            return
        if info["type"] in ("page", "service_worker", "shared_worker"):
            if tab is not None:
                tab.opened(str(info["type"]), str(info.get("url", "")))
            _unwatched(self.connection.send("Target.closeTarget", targetId=info["targetId"]))
        _unwatched(self.connection.send("Runtime.runIfWaitingForDebugger", str(event["sessionId"])))


_background: set[asyncio.Future[object]] = set()


def _unwatched(command: object) -> None:
    """Sends a command whose answer does not matter."""
    task = asyncio.ensure_future(command)  # type: ignore[call-overload]
    _background.add(task)
    task.add_done_callback(_background.discard)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
