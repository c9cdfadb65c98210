//! Checksums that providers put into their tokens.

use super::format::Check;

/// Whether the token has the checksum that its provider would have given it.
pub(super) fn holds(check: Check, token: &[u8]) -> bool {
    match check {
        Check::None => false,
        Check::Crc32 => has_crc32(token),
    }
}

/// `ghp_` and a body of 30 characters, then the body's CRC-32 as six digits of base 62
/// (<https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>).
fn has_crc32(token: &[u8]) -> bool {
    let Some(underscore) = memchr::memchr(b'_', token) else {
        return false;
    };
    let Some(split) = token.len().checked_sub(6).filter(|split| *split > underscore) else {
        return false;
    };
    base62(crc32(&token[underscore + 1..split])) == token[split..]
}

/// CRC-32 as zip files have it.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

/// Six digits of base 62, the highest first.
pub(super) fn base62(mut number: u32) -> [u8; 6] {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_the_crc_of_the_body() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!((&base62(0), &base62(61), &base62(62)), (b"000000", b"00000z", b"000010"));
        let body = "a1".repeat(15);
        let sum = base62(crc32(body.as_bytes()));
        let token = [b"ghp_", body.as_bytes(), &sum].concat();
        assert!(holds(Check::Crc32, &token) && !holds(Check::None, &token));
        assert!(!holds(Check::Crc32, &token[..token.len() - 1]) && !holds(Check::Crc32, b"ghp_") && !holds(Check::Crc32, b""));
    }
}
