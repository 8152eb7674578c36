"""The private names of Scrapy and Twisted that recording stands on. When one of these fails, read `pipelines/download` first."""

from __future__ import annotations

import inspect

from scrapy.core.downloader.handlers import http11
from twisted.internet.endpoints import HostnameEndpoint
from twisted.web import _newclient, client, http

from pipelines.download import RecordingDownloadHandler
from pipelines.download.agent import RecordingAgent
from pipelines.download.wiretap import RecordingFactory, RecordingParser, RecordingProtocol


def parameters(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)  # type: ignore[arg-type]


def test_scrapy_has_the_classes_that_we_extend() -> None:
    for name in (
        "_BindAddressAgent", "_LenientHTTP11ClientFactory", "_LenientHTTP11ClientProtocol", "_LenientHTTPClientParser",
        "_ResponseReader", "_ScrapyAgent",
    ):  # fmt: skip
        assert hasattr(http11, name), f"Scrapy moved {name}"


def test_scrapys_agent_still_works_as_ours_expects() -> None:
    assert {"contextFactory", "bindAddress", "pool", "maxsize", "warnsize", "fail_on_dataloss", "crawler"} <= set(
        parameters(http11._ScrapyAgent.__init__)
    )
    assert parameters(http11._ScrapyAgent._get_agent) == ["self", "request", "timeout"]
    assert parameters(http11._ScrapyAgent._cb_bodyready) == ["self", "txresponse", "request"]
    assert parameters(http11._ResponseReader._finish_response) == ["self", "flags", "stop_download"]
    source = inspect.getsource(http11._ScrapyAgent._cb_bodyready)
    assert "txresponse.deliverBody(" in source
    for name in ("_bodybuf", "_bytes_received", "_certificate", "_ip_address"):
        assert name in inspect.getsource(http11._ResponseReader), f"Scrapy renamed {name}"
    for name in ("_scrapy_certificate", "_scrapy_ip_address"):
        assert name in inspect.getsource(http11._ScrapyAgent), f"Scrapy renamed {name}"


def test_twisteds_connection_still_works_as_ours_expects() -> None:
    protocol = _newclient.HTTP11ClientProtocol
    assert parameters(protocol.request) == ["self", "request"]
    assert parameters(protocol._disconnectParser) == ["self", "reason"]
    assert callable(protocol._finishResponse)
    source = inspect.getsource(protocol)
    for what in ("request.writeTo(self.transport)", "self._finishResponse)", "self._parser = HTTPClientParser("):
        assert what in source, f"Twisted changed: {what}"
    assert "self._disconnectParser(" in inspect.getsource(protocol._connectionLost_WAITING)
    assert http._ChunkedTransferDecoder and http._IdentityTransferDecoder
    assert parameters(client.HTTPConnectionPool.getConnection) == ["self", "key", "endpoint"]
    assert "self._factory(" in inspect.getsource(client.HTTPConnectionPool._newConnection)
    assert "self._pool.getConnection(key, endpoint)" in inspect.getsource(client._AgentBase._requestWithEndpoint)
    assert "parsedURI=parsedURI" in inspect.getsource(client._AgentBase._requestWithEndpoint)
    for name in ("_bindAddress", "_connectTimeout", "_reactor", "_policyForHTTPS"):
        assert f"self.{name} = " in inspect.getsource(client._StandardEndpointFactory)
    assert "_getNameResolverAndMaybeWarn(self._reactor)" in inspect.getsource(HostnameEndpoint.connect)


def test_ours_extend_scrapys() -> None:
    assert issubclass(RecordingDownloadHandler, http11.HTTP11DownloadHandler)
    assert issubclass(RecordingAgent, http11._ScrapyAgent)
    assert issubclass(RecordingProtocol, http11._LenientHTTP11ClientProtocol)
    assert issubclass(RecordingParser, http11._LenientHTTPClientParser)
    assert issubclass(RecordingFactory, http11._LenientHTTP11ClientFactory)
