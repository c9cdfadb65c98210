//! Secrets of secret stores, identity providers and systems; keys and password hashes in the forms of their tools.

use super::super::format::{Back, Format, around, near, prefixed};

pub(super) const FORMATS: &[Format] = &[
    // https://developer.hashicorp.com/vault/docs/concepts/tokens
    prefixed("vault-token", &["hvs.", "hvb.", "hvr."], r"[A-Za-z0-9_-]{24,}"),
    prefixed("vault-token", &["s.", "b.", "r."], r"[A-Za-z0-9]{24}(?:\.[A-Za-z0-9]{5,6})?"),
    prefixed("vault-token", &["b."], r"AAAAAQ[A-Za-z0-9_-]{100,}"),
    prefixed("boundary-token", &["at_", "hcp.sp."], r"[A-Za-z0-9]{10}_s1[A-Za-z0-9]{80,}"),
    near("vault-unseal-key", &["unseal key", "unseal_key", "unsealkey"], r"[A-Za-z0-9+/]{43,44}=?"),
    prefixed("doppler-token", &["dp.pt.", "dp.ct.", "dp.scim.", "dp.audit.", "dp.said."], r"[A-Za-z0-9]{40,44}"),
    prefixed("doppler-token", &["dp.st.", "dp.sa."], r"(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}"),
    prefixed("1password-token", &["ops_eyJ"], r"[A-Za-z0-9+/=_-]{200,}"),
    prefixed("1password-secret-key", &["A3-"], r"[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}"),
    prefixed("infisical-token", &["st."], r"[0-9a-f-]{24,36}\.[0-9a-f]{32}\.[0-9a-f]{32}"),
    prefixed("bitwarden-token", &["0."], r"[0-9a-f-]{36}\.[A-Za-z0-9]{30}:[A-Za-z0-9+/=]{24}"),
    prefixed("age-secret-key", &["AGE-SECRET-KEY-1"], r"[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
    prefixed("phase-key", &["pss_user:v1:", "pss_service:v1:", "pss_service:v2:"], r"[0-9a-f:]{60,}"),
    // Identity
    near("okta-token", &["okta", "ssws"], r"00[A-Za-z0-9_=-]{40}"),
    prefixed("clerk-key", &["ak_live_", "ak_test_"], r"[A-Za-z0-9]{20,}"),
    near("auth0-secret", &["auth0"], r"[A-Za-z0-9_-]{32,64}"),
    near("onelogin-secret", &["onelogin"], r"(?:[0-9a-f]{64}|[A-Za-z0-9]{40})"),
    near("duo-secret", &["duo_skey", "duo"], r"(?:[0-9a-f]{64}|[A-Za-z0-9]{40})"),
    prefixed("stytch-key", &["secret-live-", "secret-test-"], r"[A-Za-z0-9_=-]{36,}"),
    prefixed(
        "authress-key",
        &["sc_", "ext_", "scauth_", "authress_"],
        r"[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.[A-Za-z0-9+/_=-]{30,120}",
    ),
    near("recaptcha-key", &["recaptcha", "captcha", "hcaptcha"], r"(?:6[0-9A-Za-z_-]{39}|0x[0-9a-fA-F]{40}|ES_[0-9a-f]{32})"),
    prefixed("turnstile-secret", &["0x4AAAAAA"], r"[A-Za-z0-9_-]{25,}"),
    prefixed("persona-key", &["persona_sandbox_", "persona_production_"], r"[0-9a-f-]{36}"),
    // JSON Web Tokens: two parts that begin as base64 of `{"` does
    prefixed(
        "jwt",
        &["eyJ", "ewog", "ewoJ"],
        r"[A-Za-z0-9_-]{10,}={0,2}\.(?:eyJ|ewog|[A-Za-z0-9_-])[A-Za-z0-9/_-]{10,}={0,2}(?:\.[A-Za-z0-9/_-]{6,}={0,2})?",
    ),
    prefixed("jwt-base64", &["ZXlK"], r"[A-Za-z0-9+/_-]{60,}={0,2}"),
    prefixed("jwe", &["eyJ"], r"[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{16,}"),
    // Keys in base64: `-----BEGIN …` once more encoded
    prefixed("private-key-base64", &["LS0tLS1CRUdJTi", "LS0tLS1CRUdJTiBSU0Eg"], r"[A-Za-z0-9+/\\\s]{40,}={0,2}"),
    prefixed("putty-private-key", &["Private-MAC: "], r"[0-9a-f]{40,64}"),
    prefixed("bitcoin-extended-key", &["xprv", "tprv", "yprv", "zprv"], r"[1-9A-HJ-NP-Za-km-z]{100,112}"),
    near(
        "wallet-key",
        &["wallet", "mnemonic", "privkey", "private_key", "privatekey", "private key", "private-key"],
        r"(?:0x[0-9a-fA-F]{64}|[0-9a-fA-F]{64}|[5KL9c][1-9A-HJ-NP-Za-km-z]{50,51})",
    ),
    prefixed("nostr-key", &["nsec1"], r"[ac-hj-np-z02-9]{58}"),
    // Password hashes, as crypt(3) and its kin write them
    prefixed("password-hash", &["$2a$", "$2b$", "$2x$", "$2y$"], r"[0-9]{2}\$[A-Za-z0-9./]{53}"),
    prefixed(
        "password-hash",
        &["$1$", "$apr1$", "$5$", "$6$", "$7$", "$8$", "$9$", "$y$", "$gy$"],
        r"(?:rounds=[0-9]+\$)?[A-Za-z0-9./]{1,32}\$[A-Za-z0-9./]{20,90}",
    ),
    prefixed(
        "password-hash",
        &["$argon2i$", "$argon2d$", "$argon2id$", "$scrypt$", "$pbkdf2-sha256$", "$pbkdf2-sha512$", "$pbkdf2$"],
        r"[A-Za-z0-9=,$+/._-]{30,}",
    ),
    prefixed("password-hash", &["{SSHA}", "{SHA}", "{SMD5}", "{SSHA256}", "{SSHA512}", "{CRYPT}"], r"[A-Za-z0-9+/=$.]{20,}"),
    prefixed("password-hash", &["pbkdf2_sha256$", "pbkdf2_sha1$", "bcrypt_sha256$", "scrypt:"], r"[A-Za-z0-9+/=$:.]{30,}"),
    prefixed("password-hash", &["{x-issha,", "{x-isSHA512,", "{x-isSHA256,"], r"\s?[0-9]+\}[A-Za-z0-9+/=]{30,}"),
    prefixed("kerberos-hash", &["$krb5asrep$", "$krb5tgs$", "$krb5pa$"], r"[0-9]{1,2}\$[A-Za-z0-9$*@.:/_-]{32,}"),
    prefixed("network-hash", &["$NETNTLMv2$", "$NETNTLM$", "$mscash2$", "$DCC2$"], r"[A-Za-z0-9$#*@./_-]{16,}"),
    around("ntlm-hash", &[":::"], Back::Word, r"[0-9a-fA-F]{32}:::"),
    prefixed("ansible-vault", &["$ANSIBLE_VAULT;"], r"[0-9.]+;AES256[\s0-9a-f]{40,}"),
];
