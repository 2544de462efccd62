"""What Clerk's library accepts and we refuse: our error code, why, and the mutations by what they change."""

ONLY_WE_REFUSE = {
    "token_too_large": (
        "Over 8 KiB.",
        {
            "payload": ["9 KiB"],
        },
    ),
    "token_malformed": (
        "Padding, what stands around the JSON, a claim given twice, and characters that cannot be stored: one spelling "
        "is enough.",
        {
            "payload": [
                "byte order mark", "NaN", "claim twice", "U+0000 in sub", "lone surrogate in sub", "UTF-16",
            ],
            "spelling": ["padded signature"],
        },
    ),
    "token_type_invalid": (
        "`typ` and `cat` are those of a session token; no `cat` is allowed while Clerk introduces it.",
        {
            "header typ": [
                "removed", "null", "true", "0", "-1", "1.5", "10^30", "empty text", "text", "list", "object",
                '"jwt"', '"at+jwt"', '"application/at+jwt"', '"JWE"',
            ],
            "header cat": [
                "null", "true", "0", "-1", "1.5", "10^30", "empty text", "text", "list", "object",
                '"cl_B7d4PD222AAA"', '"cl_B7d4PD333AAA"',
            ],
        },
    ),
    "token_claims_invalid": (
        "A claim that we read is missing, or of a type or form that Clerk never gives it.",
        {
            "claim exp": ["removed", "10^30", "as text"],
            "claim iat": ["removed", "true", "-1", "1.5", "as text"],
            "claim iss": ["removed", "null", "true", "0", "-1", "1.5", "10^30", "empty text", "list", "object"],
            "claim nbf": ["removed", "true", "-1", "1.5", "as text"],
            "claim sid": ["null", "true", "0", "-1", "1.5", "10^30", "list", "object"],
            "claim sts": ["null", "true", "0", "-1", "1.5", "10^30", "list", "object"],
            "claim sub": ["removed", "empty text", "text", "mch_1"],
            "claim v": ["null", "true", "0", "-1", "1.5", "10^30", "empty text", "text", "list", "object", "3"],
            "claim fea": ["null"],
            "claim o": ["null", "0", "empty text", "list", "object"],
            "claim o.id": ["removed", "null", "true", "0", "-1", "1.5", "10^30", "empty text", "list", "object"],
            "claim o.slg": ["true", "0", "-1", "1.5", "10^30", "list", "object"],
            "claim o.rol": ["removed", "null", "true", "0", "-1", "1.5", "10^30", "empty text", "list", "object"],
            "claim o.per": ["null", "true", "0", "-1", "1.5", "10^30", "list", "object"],
            "claim o.fpm": ["null", "true", "0", "-1", "1.5", "10^30", "list", "object"],
            "added claim aud": ["null", "0", "object"],
        },
    ),
    "token_issuer_invalid": (
        "`iss` is pinned.",
        {
            "claim iss": ["text", "https://clerk.example.com"],
        },
    ),
    "token_audience_invalid": (
        "Meant for somebody: we have no audience.",
        {
            "added claim aud": ["empty text", "list"],
        },
    ),
    "session_pending": (
        "Only an active session is signed in.",
        {
            "claim sts": ["empty text", "text", "pending"],
        },
    ),
    "organization_required": (
        "403: whoever has no organisation has no tenant.",
        {
            "claim v": ["removed"],
            "claim o": ["removed"],
        },
    ),
}
