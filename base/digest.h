/* digest: BLAKE2b-256 over bytes, and draws that are keyed, never streamed.
 *
 * Both come from libsodium. A draw is a hash of (seed, site, entity, nth): adding a new
 * place that draws does not shift the others. Integers only. Next: digest.c, then choice.h.
 */
#ifndef DBK_BASE_DIGEST_H
#define DBK_BASE_DIGEST_H

#include "base/text.h"

#define DBK_DIGEST_BYTES 32
#define DBK_DIGEST_HEX (2 * DBK_DIGEST_BYTES + 1)

struct dbk_digest {
    uint8_t bytes[DBK_DIGEST_BYTES];
};

/* BLAKE2b-256, unkeyed, of the bytes. */
struct dbk_digest dbk_digest_of(const void *bytes, size_t length);

/* BLAKE2b-256 of the 32 bytes of before, then the bytes: one link of a rolling hash. */
struct dbk_digest dbk_digest_link(const struct dbk_digest *before, const void *bytes,
                                  size_t length);

/* Writes lower-case hex and a NUL. */
void dbk_digest_hex(const struct dbk_digest *digest, char hex[static DBK_DIGEST_HEX]);

/* 64 bits that depend on nothing but the arguments: SipHash-2-4. Its key is the seed as 8
 * little-endian bytes, then 8 zero bytes; its message is site, a zero byte, entity, a zero byte,
 * and nth as 8 little-endian bytes; its 8 bytes are read as a little-endian integer. */
uint64_t dbk_draw(uint64_t seed, const char *site, const char *entity, uint64_t nth);

/* The same, even in 0 .. bound-1 (bound > 0), without bias: the draw modulo bound. A draw below
 * 2^64 mod bound is thrown away and drawn again; the k-th time again the second half of the key
 * is k (8 little-endian bytes) in place of zeroes. */
uint64_t dbk_draw_below(uint64_t seed, const char *site, const char *entity, uint64_t nth,
                        uint64_t bound);

/* Writes length characters of lower-case base 32 (a-z, 2-7) and a NUL: for ids. length <= 48.
 * Character i is bits 5 * (i mod 12) to + 4, lowest first, of the draw (seed, site, i / 12 as
 * a decimal digit, row). */
void dbk_draw_name(uint64_t seed, const char *site, uint64_t row, size_t length, char *name);

#endif
