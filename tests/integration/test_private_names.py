"""The private names of Scrapy and Twisted that recording stands on. When one of these fails, read `pipelines/download` first."""

from __future__ import annotations

import inspect

from scrapy.core.downloader.handlers import http11
from scrapy.utils import _download_handlers
from twisted.internet._newtls import ConnectionMixin as _TLSConnectionMixin
from twisted.internet.abstract import FileDescriptor
from twisted.internet.endpoints import HostnameEndpoint
from twisted.web import _newclient, client, http

from pipelines.download import RecordingDownloadHandler
from pipelines.download.agent import RecordingAgent
from pipelines.download.parser import RecordingParser
from pipelines.download.wiretap import RecordingFactory, RecordingProtocol


def parameters(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)  # type: ignore[arg-type]


def test_scrapy_has_the_classes_that_we_extend() -> None:
    for name in (
        "_LenientHTTP11ClientFactory", "_LenientHTTP11ClientProtocol", "_LenientHTTPClientParser", "_RequestBodyProducer",
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
    steps = inspect.getsource(http11._ScrapyAgent.download_request)
    for step in (
        "_cb_latency, request, start_time",
        "_cb_bodyready, request",
        "_cb_bodydone, url",
        "_cb_timeout, request, url, timeout",
    ):
        assert step in steps, f"Scrapy changed: {step}"
    assert "_timeout_cl" in inspect.getsource(http11._ScrapyAgent._cb_timeout)
    assert callable(_download_handlers.normalize_bind_address)
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
    assert "self._transportProxy = TransportProxyProducer(self.transport)" in source
    assert "self._transportProxy.stopProxying()" in inspect.getsource(protocol._disconnectParser)
    assert parameters(_newclient.Request.__init__) == ["self", "method", "uri", "headers", "bodyProducer", "persistent"]
    assert parameters(client.URI.__init__)[1:5] == ["scheme", "netloc", "host", "port"]
    assert "_getNameResolverAndMaybeWarn(self._reactor)" in inspect.getsource(HostnameEndpoint.connect)


def test_a_connection_still_keeps_what_it_has_not_sent_where_we_look() -> None:
    write = inspect.getsource(FileDescriptor.write)
    assert "self._tempDataBuffer" in write
    assert "self.dataBuffer" in inspect.getsource(FileDescriptor.doWrite)
    assert parameters(FileDescriptor.writeSomeData) == ["self", "data"]
    assert "TLS" in vars(_TLSConnectionMixin)


def test_twisteds_parser_still_has_the_states_that_an_ordinary_head_passes() -> None:
    source = inspect.getsource(http11._LenientHTTPClientParser.lineReceived) + inspect.getsource(
        _newclient.HTTPClientParser
    )
    for what in (
        "self.state = HEADER",
        "self.statusReceived(line)",
        "self.headerReceived(name, value.strip())",
        "_everReceivedData = True",
    ):
        assert what in source, f"the parser changed: {what}"


def test_ours_extend_scrapys() -> None:
    assert issubclass(RecordingDownloadHandler, http11.HTTP11DownloadHandler)
    assert issubclass(RecordingAgent, http11._ScrapyAgent)
    assert issubclass(RecordingProtocol, http11._LenientHTTP11ClientProtocol)
    assert issubclass(RecordingParser, http11._LenientHTTPClientParser)
    assert issubclass(RecordingFactory, http11._LenientHTTP11ClientFactory)
