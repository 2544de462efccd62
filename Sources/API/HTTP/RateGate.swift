internal import HTTPTypes
internal import Hummingbird
internal import Primitives
internal import Tenancy

/// Counts requests and tells callers where they stand (draft-ietf-httpapi-ratelimit-headers).
///
/// By client address before authentication, by tenant and user after it; every answer carries the tightest.
