#pragma once
#include <stdint.h>
#include <string.h>

/// Products of rows of eight bits with queries of sixteen. Written in C since `pmaddwd`, which multiplies sixteen bits and
/// adds neighbours in 32, has no expression in Swift that the compiler is sure to find. Everything here is whole numbers
/// without overflow: all versions give the same bits by construction.
///
/// Functions in a header, so that each set of kernels compiles them for its own processor.

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#pragma clang assume_nonnull begin

enum { TwinByteRows = 8, TwinByteStep = 32 };

/// Eight rows of `width` bytes (a multiple of 32) widened to sixteen bits, row after row.
static inline void twin_widen_rows(const int8_t *rows, long width, int16_t *out) {
  for (long k = 0; k < TwinByteRows * width; k++) out[k] = rows[k];
}

#if defined(__AVX512BW__) && defined(__AVX512VL__)

static inline __m256i twin_half(__m512i x) {
  return _mm256_add_epi32(_mm512_castsi512_si256(x), _mm512_extracti64x4_epi64(x, 1));
}

static inline __m512i twin_load_row(const int16_t *row) { return _mm512_loadu_si512(row); }
static inline __m512i twin_load_bytes(const int8_t *row) {
  return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)row));
}
typedef __m512i TwinVector;
enum { TwinVectorCount = 32 };
static inline TwinVector twin_zero(void) { return _mm512_setzero_si512(); }
static inline TwinVector twin_multiply_add(TwinVector sum, TwinVector a, TwinVector b) {
  return _mm512_add_epi32(sum, _mm512_madd_epi16(a, b));
}
/// The sums of four vectors' lanes.
static inline __m128i twin_sums(TwinVector a, TwinVector b, TwinVector c, TwinVector d) {
  __m256i x = _mm256_hadd_epi32(
    _mm256_hadd_epi32(twin_half(a), twin_half(b)), _mm256_hadd_epi32(twin_half(c), twin_half(d)));
  return _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
}
#define TWIN_BYTE_VECTORS 1

#elif defined(__AVX2__)

static inline __m256i twin_load_row(const int16_t *row) { return _mm256_loadu_si256((const __m256i *)row); }
static inline __m256i twin_load_bytes(const int8_t *row) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)row));
}
typedef __m256i TwinVector;
enum { TwinVectorCount = 16 };
static inline TwinVector twin_zero(void) { return _mm256_setzero_si256(); }
static inline TwinVector twin_multiply_add(TwinVector sum, TwinVector a, TwinVector b) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
}
static inline __m128i twin_sums(TwinVector a, TwinVector b, TwinVector c, TwinVector d) {
  __m256i x = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
  return _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
}
#define TWIN_BYTE_VECTORS 1

#endif

#ifdef TWIN_BYTE_VECTORS

static inline unsigned twin_passing(__m128i sums, const int32_t *terms, int32_t bound) {
  __m128i left = _mm_sub_epi32(sums, _mm_loadu_si128((const __m128i *)terms));
  __m128i passes = _mm_cmpgt_epi32(left, _mm_set1_epi32(bound));
  return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(passes));
}

/// Four rows and one query, the rows as bytes.
static inline unsigned twin_four_by_one(
  const int8_t *rows, long width, const int16_t *query, const int32_t *terms, int32_t bound) {
  TwinVector s0 = twin_zero(), s1 = s0, s2 = s0, s3 = s0;
  for (long k = 0; k < width; k += TwinVectorCount) {
    TwinVector q = twin_load_row(query + k);
    s0 = twin_multiply_add(s0, twin_load_bytes(rows + k), q);
    s1 = twin_multiply_add(s1, twin_load_bytes(rows + width + k), q);
    s2 = twin_multiply_add(s2, twin_load_bytes(rows + 2 * width + k), q);
    s3 = twin_multiply_add(s3, twin_load_bytes(rows + 3 * width + k), q);
  }
  return twin_passing(twin_sums(s0, s1, s2, s3), terms, bound);
}

/// Four rows and two queries, the rows in sixteen bits. Bits 0…3 are of the first query, 4…7 of the second.
static inline unsigned twin_four_by_two(
  const int16_t *rows, long width, const int16_t *queries, const int32_t *terms, const int32_t *bounds) {
  TwinVector a0 = twin_zero(), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  for (long k = 0; k < width; k += TwinVectorCount) {
    TwinVector q = twin_load_row(queries + k), p = twin_load_row(queries + width + k);
    TwinVector r = twin_load_row(rows + k);
    a0 = twin_multiply_add(a0, r, q);
    b0 = twin_multiply_add(b0, r, p);
    r = twin_load_row(rows + width + k);
    a1 = twin_multiply_add(a1, r, q);
    b1 = twin_multiply_add(b1, r, p);
    r = twin_load_row(rows + 2 * width + k);
    a2 = twin_multiply_add(a2, r, q);
    b2 = twin_multiply_add(b2, r, p);
    r = twin_load_row(rows + 3 * width + k);
    a3 = twin_multiply_add(a3, r, q);
    b3 = twin_multiply_add(b3, r, p);
  }
  return twin_passing(twin_sums(a0, a1, a2, a3), terms, bounds[0])
    | twin_passing(twin_sums(b0, b1, b2, b3), terms, bounds[1]) << 4;
}

#endif

/// Which rows pass for which query: row · query − terms[row] > bounds[query]. `hits[group · count + query]` has a bit for
/// each of the group's eight rows.
///
/// - rows: [groups · 8, width] bytes, the width a multiple of 32
/// - queries: [count, width]
/// - scratch: 8 · width
static inline void twin_near_rows(
  const int8_t *rows, long width, long groups, const int32_t *terms, const int16_t *queries,
  long count, const int32_t *bounds, int16_t *scratch, uint8_t *hits) {
  for (long group = 0; group < groups; group++) {
    const int8_t *from = rows + group * TwinByteRows * width;
    const int32_t *term = terms + group * TwinByteRows;
    uint8_t *out = hits + group * count;
#ifdef TWIN_BYTE_VECTORS
    long query = 0;
    if (count >= 4) {
      for (long k = 0; k < TwinByteRows * width; k += TwinVectorCount) {
        TwinVector wide = twin_load_bytes(from + k);
        memcpy(scratch + k, &wide, sizeof wide);
      }
      for (; query + 2 <= count; query += 2) {
        const int16_t *q = queries + query * width;
        unsigned low = twin_four_by_two(scratch, width, q, term, bounds + query);
        unsigned high = twin_four_by_two(scratch + 4 * width, width, q, term + 4, bounds + query);
        out[query] = (uint8_t)((low & 15) | (high & 15) << 4);
        out[query + 1] = (uint8_t)(low >> 4 | (high & 0xf0));
      }
    }
    for (; query < count; query++) {
      const int16_t *q = queries + query * width;
      unsigned low = twin_four_by_one(from, width, q, term, bounds[query]);
      unsigned high = twin_four_by_one(from + 4 * width, width, q, term + 4, bounds[query]);
      out[query] = (uint8_t)(low | high << 4);
    }
#else
    twin_widen_rows(from, width, scratch);
    for (long query = 0; query < count; query++) {
      const int16_t *q = queries + query * width;
      unsigned bits = 0;
      for (int row = 0; row < TwinByteRows; row++) {
        const int16_t *wide = scratch + row * width;
        int32_t sum = 0;
        for (long k = 0; k < width; k++) sum += (int32_t)wide[k] * (int32_t)q[k];
        bits |= (unsigned)(sum - term[row] > bounds[query]) << row;
      }
      out[query] = (uint8_t)bits;
    }
#endif
  }
}

/// The product of two rows, one in eight bits and one in sixteen.
static inline int32_t twin_byte_product(const int8_t *a, const int16_t *b, long width) {
#ifdef TWIN_BYTE_VECTORS
  TwinVector sum = twin_zero(), other = sum;
  for (long k = 0; k < width; k += TwinByteStep) {
    sum = twin_multiply_add(sum, twin_load_bytes(a + k), twin_load_row(b + k));
    if (TwinVectorCount < TwinByteStep) {
      other = twin_multiply_add(
        other, twin_load_bytes(a + k + TwinVectorCount % TwinByteStep),
        twin_load_row(b + k + TwinVectorCount % TwinByteStep));
    }
  }
  return _mm_cvtsi128_si32(twin_sums(sum, sum, sum, sum)) + _mm_cvtsi128_si32(twin_sums(other, other, other, other));
#else
  int32_t sum = 0;
  for (long k = 0; k < width; k++) sum += (int32_t)a[k] * (int32_t)b[k];
  return sum;
#endif
}

/// The same of two rows in eight bits.
static inline int32_t twin_byte_product_8(const int8_t *a, const int8_t *b, long width) {
#ifdef TWIN_BYTE_VECTORS
  TwinVector sum = twin_zero();
  for (long k = 0; k < width; k += TwinVectorCount) {
    sum = twin_multiply_add(sum, twin_load_bytes(a + k), twin_load_bytes(b + k));
  }
  return _mm_cvtsi128_si32(twin_sums(sum, sum, sum, sum));
#else
  int32_t sum = 0;
  for (long k = 0; k < width; k++) sum += (int32_t)a[k] * (int32_t)b[k];
  return sum;
#endif
}

/// term[row] − row · query for some rows, wherever they stand; those that come next are fetched meanwhile.
static inline void twin_scattered(
  const int8_t *_Nullable const *_Nonnull rows, const int32_t *terms, long count, long width, const int16_t *query, int32_t *out) {
  for (long i = 0; i < count; i++) {
    for (long k = 0; k < width; k += 64) __builtin_prefetch(rows[i] + k);
  }
  for (long i = 0; i < count; i++) out[i] = terms[i] - twin_byte_product(rows[i], query, width);
}

#pragma clang assume_nonnull end
