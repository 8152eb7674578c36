"""What went wrong with an S3 store, in one sentence that names the store, the key and the next move.

Belongs here: from boto3's exceptions to `StoreError`. Whether to ask again is the caller's matter; `temporary` and `throttled` tell.
"""

from __future__ import annotations

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from archiver.errors import StoreError
from archiver.store.s3.place import Place

THROTTLED = frozenset(
    {"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequests", "429", "ServiceBusy"}
)
_BUSY = frozenset(
    {"ServiceUnavailable", "InternalError", "500", "502", "503", "504", "RequestTimeout", "OperationAborted"}
)

_SENTENCES = {
    "InvalidAccessKeyId": "does not know this access key; check AWS_ACCESS_KEY_ID or the profile",
    "SignatureDoesNotMatch": "refused the signature: the secret key is wrong (or a proxy changes requests); check AWS_SECRET_ACCESS_KEY or the profile",
    "AccessDenied": "refused: these keys lack the right to {what}; the archive needs to get, put, list and delete objects here",
    "NoSuchBucket": "has no such bucket; create it, or correct the bucket's name",
    "ExpiredToken": "says that the session token expired; get a new one",
    "InvalidToken": "refused the session token; check AWS_SESSION_TOKEN",
    "RequestTimeTooSkewed": "says that this machine's clock is wrong; set it (NTP)",
    "WrongRegion": "keeps this bucket in another region{region}; write &region=… into the store's URL",
    "MissingContentLength": 'refuses uploads without a length (411), which boto3\'s checksums over TLS lead to; set checksums = "when_required" under [s3]',
    "QuotaExceeded": "is full: the quota is used up; free some space there",
    "InsufficientStorage": "is full; free some space there",
    "EntityTooLarge": "takes no object of this size; lower single_max or roll_bytes",
    "BadDigest": "received other bytes than were sent; look at the network between",
    "ObjectLocked": "keeps this object under a lock until its retention ends",
}
_ALIASES = {
    "Forbidden": "AccessDenied",
    "403": "AccessDenied",
    "AllAccessDisabled": "AccessDenied",
    "AccessForbidden": "AccessDenied",
    "ExpiredTokenException": "ExpiredToken",
    "TokenRefreshRequired": "ExpiredToken",
    "RequestExpired": "ExpiredToken",
    "PermanentRedirect": "WrongRegion",
    "AuthorizationHeaderMalformed": "WrongRegion",
    "IllegalLocationConstraintException": "WrongRegion",
    "TemporaryRedirect": "WrongRegion",
    "301": "WrongRegion",
    "411": "MissingContentLength",
    "XMinioStorageFull": "InsufficientStorage",
    "507": "InsufficientStorage",
    "InvalidDigest": "BadDigest",
    "XAmzContentSHA256Mismatch": "BadDigest",
}


class S3Trouble(StoreError):
    """A refusal of an S3 store. `code` is its own word, or the name of boto3's exception; `status` is the HTTP status, 0 without."""

    def __init__(self, sentence: str, code: str, status: int = 0, *, temporary: bool, throttled: bool = False) -> None:
        super().__init__(sentence, temporary=temporary)
        self.code, self.status, self.throttled = code, status, throttled


def code_of(error: ClientError) -> tuple[str, int]:
    """The server's word and the HTTP status."""
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return str(error.response.get("Error", {}).get("Code", "") or status), status


def trouble(error: Exception, place: Place, key: str, what: str) -> S3Trouble:
    """What boto3 raised, in words. `what` is the right that the call needed ("put objects")."""
    if isinstance(error, ClientError):
        return _refused(error, place, key, what)
    return _unreached(error, place)


_ABOUT_THE_STORE = frozenset(
    {
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "NoSuchBucket",
        "ExpiredToken",
        "InvalidToken",
        "RequestTimeTooSkewed",
        "WrongRegion",
    }
)
"""Refusals that any key would get."""


def _refused(error: ClientError, place: Place, key: str, what: str) -> S3Trouble:
    code, status = code_of(error)
    word = _ALIASES.get(code, code)
    throttled = code in THROTTLED or status == 429
    temporary = throttled or code in _BUSY or (status >= 500 and status not in (501, 505, 507))
    region = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("x-amz-bucket-region")
    region = region or error.response.get("Error", {}).get("Region")
    if throttled:
        said = "is asked too often and says so (SlowDown); try again later"
    elif word in _SENTENCES:
        said = _SENTENCES[word].format(what=what, region=f" ({region})" if region else "")
    elif temporary:
        said = f"is in trouble itself (HTTP {status}); try again later"
    else:
        message = str(error.response.get("Error", {}).get("Message", ""))[:200]
        said = f"refused to {what}" + (f": {message}" if message else "")
    where = _where(place, "" if word in _ABOUT_THE_STORE else key)
    return S3Trouble(f"{where} {said} [{code}]", word, status, temporary=temporary, throttled=throttled)


def _unreached(error: Exception, place: Place) -> S3Trouble:
    where, name = place.shown, type(error).__name__
    if isinstance(error, boto.NoCredentialsError | boto.PartialCredentialsError | boto.CredentialRetrievalError):
        said = "cannot be asked without keys; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile"
        return S3Trouble(f"{where} {said}", name, temporary=False)
    if isinstance(error, boto.ProfileNotFound):
        return S3Trouble(f"{where}: no profile {place.profile!r} in ~/.aws; write it there", name, temporary=False)
    if isinstance(error, boto.SSLError) and "WRONG_VERSION_NUMBER" in str(error):
        said = "does not speak TLS there; write the endpoint with http://, or with the port of its TLS"
        return S3Trouble(f"{where} {said}", name, temporary=False)
    if isinstance(error, boto.SSLError):
        said = (
            "cannot be trusted: its certificate was refused; name its authority as ca under [s3], or in AWS_CA_BUNDLE"
        )
        return S3Trouble(f"{where} {said} [{str(error)[-120:]}]", name, temporary=True)
    if isinstance(error, boto.NoRegionError):
        return S3Trouble(f"{where}: no region is known; write &region=… into the store's URL", name, temporary=False)
    if isinstance(error, boto.TokenRetrievalError | boto.SSOError):
        return S3Trouble(f"{where}: the login has expired: {str(error)[:120]}", "ExpiredToken", temporary=False)
    if isinstance(error, boto.ConnectionError | boto.HTTPClientError | boto.IncompleteReadError | OSError):
        said = "cannot be reached, or broke off; check the endpoint and the network, then try again"
        return S3Trouble(f"{where} {said} [{name}]", name, temporary=True)
    if isinstance(error, BotoCoreError):
        return S3Trouble(f"{where}: {str(error)[:200]} [{name}]", name, temporary=False)
    return S3Trouble(f"{where}: {str(error)[:200]} [{name}]", name, temporary=True)


def _where(place: Place, key: str) -> str:
    return f"{key}: {place.shown}" if key else place.shown
