/// Why a key, a secret or a box was refused.
///
/// Never says what was in it.
public enum SecretsError: Error, Equatable {
    /// `MASTER_KEY` is not standard base64 of at least 32 bytes.
    case malformedMasterKey
    /// Not `whsec_` and standard base64 of 24 to 64 bytes.
    case malformedWebhookSecret
    /// Not `whsk_` or `whpk_` and standard base64 of a key.
    case malformedWebhookKey
    /// Not an RSA key in a form that we read, or its numbers cannot be a key's.
    case malformedRSAKey
    /// An RSA key below 2048 bits or above 8192.
    case unsuitableRSAKeySize(bits: Int)
    /// A box that none of our keys made, that was made for other data, or that was changed.
    case unopenableBox
}
