#pragma once
#include <stdint.h>
#include <string.h>

#include "CKeptLanes.h"

/// Arithmetic of whole vectors. Written in C since Swift's own operators on `SIMD8<Float>` and the like are sixteen
/// operations on single lanes, which the compiler puts together again as it sees fit: in long expressions it moves lanes
/// about for nothing, and works long at it. Each function is one operation of IEEE 754 a lane, without contraction, and so
/// gives the bits that Swift's own gives.
///
/// Functions in a header, so that each set of kernels compiles them for its own processor.

#pragma STDC FP_CONTRACT OFF

typedef float twin_float8 __attribute__((ext_vector_type(8)));
typedef float twin_float16 __attribute__((ext_vector_type(16)));
typedef double twin_double4 __attribute__((ext_vector_type(4)));
typedef double twin_double8 __attribute__((ext_vector_type(8)));

typedef int twin_mask_float8 __attribute__((ext_vector_type(8)));
typedef int twin_mask_float16 __attribute__((ext_vector_type(16)));
typedef long twin_mask_double4 __attribute__((ext_vector_type(4)));
typedef long twin_mask_double8 __attribute__((ext_vector_type(8)));

/// Lanes of `a` where `is` is all ones, else of `b`. No function: C would hand vectors on that the processor lacks.
#define TWIN_CHOOSE(name, is, a, b) \
  ((twin_##name)(((is) & (twin_mask_##name)(a)) | (~(is) & (twin_mask_##name)(b))))

#define TWIN_LANES(name, scalar)                                                                                    \
  static inline __attribute__((always_inline)) twin_##name twin_add_##name(twin_##name a, twin_##name b) {          \
    return a + b;                                                                                                   \
  }                                                                                                                 \
  static inline __attribute__((always_inline)) twin_##name twin_subtract_##name(twin_##name a, twin_##name b) {     \
    return a - b;                                                                                                   \
  }                                                                                                                 \
  static inline __attribute__((always_inline)) twin_##name twin_multiply_##name(twin_##name a, twin_##name b) {     \
    return a * b;                                                                                                   \
  }                                                                                                                 \
  static inline __attribute__((always_inline)) twin_##name twin_divide_##name(twin_##name a, twin_##name b) {       \
    return a / b;                                                                                                   \
  }                                                                                                                 \
  static inline __attribute__((always_inline)) twin_##name twin_square_root_##name(twin_##name a) {                 \
    return __builtin_elementwise_sqrt(a);                                                                           \
  }                                                                                                                 \
  /* sum + a · b, rounded once. */                                                                                  \
  static inline __attribute__((always_inline)) twin_##name twin_multiply_add_##name(                                \
      twin_##name sum, twin_##name a, twin_##name b) {                                                              \
    return __builtin_elementwise_fma(a, b, sum);                                                                    \
  }                                                                                                                 \
  static inline __attribute__((always_inline)) twin_##name twin_splat_##name(scalar value) {                        \
    return (twin_##name)(value);                                                                                    \
  }                                                                                                                 \
  /* `other` where x is at most 0, else `a`: there, and where x is not a number. */                                 \
  static inline __attribute__((always_inline)) twin_##name twin_replace_not_above_##name(                           \
      twin_##name a, twin_##name other, twin_##name x) {                                                            \
    twin_mask_##name is = x <= 0;                                                                                   \
    return TWIN_CHOOSE(name, is, other, a);                                                                         \
  }

TWIN_LANES(float8, float)
TWIN_LANES(float16, float)
TWIN_LANES(double4, double)
TWIN_LANES(double8, double)

#undef TWIN_LANES

typedef unsigned char twin_bytes8 __attribute__((ext_vector_type(8)));
typedef unsigned char twin_bytes16 __attribute__((ext_vector_type(16)));

#define TWIN_POOL(name, bytes, EVEN, ODD)                                                                           \
  /* The maximum of each 2×2 of two rows of two vectors, and its place, of the first `count`: as `FloatLanes.pool`. */\
  static inline __attribute__((always_inline)) void twin_pool_##name(                                               \
      twin_##name upper_left, twin_##name upper_right, twin_##name lower_left, twin_##name lower_right, _Bool relu, \
      float *_Nonnull y, uint8_t *_Nonnull codes, long count) {                                                     \
    twin_##name best = __builtin_shufflevector(upper_left, upper_right, EVEN);                                      \
    twin_mask_##name code = 0;                                                                                      \
    const twin_##name others[3] = {                                                                                 \
        __builtin_shufflevector(upper_left, upper_right, ODD), __builtin_shufflevector(lower_left, lower_right, EVEN), \
        __builtin_shufflevector(lower_left, lower_right, ODD)};                                                     \
    for (int k = 0; k < 3; k++) {                                                                                   \
      twin_mask_##name is = others[k] > best;                                                                       \
      best = TWIN_CHOOSE(name, is, others[k], best);                                                                \
      code = (is & (k + 1)) | (~is & code);                                                                         \
    }                                                                                                               \
    if (relu) {                                                                                                     \
      /* Not a number fails "greater than 0" and would vanish here: "not at most 0" lets it through. */             \
      twin_mask_##name is = best <= 0;                                                                              \
      best = TWIN_CHOOSE(name, is, (twin_##name)(0.0f), best);                                                      \
      code = (is & 4) | (~is & code);                                                                               \
    }                                                                                                               \
    twin_##bytes places = __builtin_convertvector(code, twin_##bytes);                                              \
    if (count >= (long)sizeof places) {                                                                             \
      memcpy(y, &best, sizeof best);                                                                                \
      memcpy(codes, &places, sizeof places);                                                                        \
    } else {                                                                                                        \
      for (long lane = 0; lane < count; lane++) {                                                                   \
        y[lane] = best[lane];                                                                                       \
        codes[lane] = places[lane];                                                                                 \
      }                                                                                                             \
    }                                                                                                               \
  }

#define TWIN_POOL_PIXELS(name, words)                                                                               \
  /* The maximum of four vectors, and of which of four others that one stood for: as `FloatLanes.affinePool`. */      \
  static inline __attribute__((always_inline)) void twin_pool_pixels_##name(                                        \
      twin_##name x0, twin_##name x1, twin_##name x2, twin_##name x3, twin_##name a0, twin_##name a1, twin_##name a2, \
      twin_##name a3, _Bool relu, float *_Nonnull y, float *_Nullable chosen, uint32_t *_Nullable codes) {          \
    const twin_##name from[3] = {x1, x2, x3}, others[3] = {a1, a2, a3};                                             \
    twin_##name best = a0, origin = x0;                                                                             \
    twin_mask_##name code = 1;                                                                                      \
    for (int k = 0; k < 3; k++) {                                                                                   \
      twin_mask_##name is = others[k] > best;                                                                       \
      best = TWIN_CHOOSE(name, is, others[k], best);                                                                \
      origin = TWIN_CHOOSE(name, is, from[k], origin);                                                              \
      code = (is & (2 << k)) | (~is & code);                                                                        \
    }                                                                                                               \
    /* Not a number fails "at most" and stays. */                                                                   \
    twin_##name floor = relu ? 0.0f : -__builtin_inff();                                                            \
    twin_mask_##name dead = best <= floor;                                                                          \
    best = TWIN_CHOOSE(name, dead, floor, best);                                                                    \
    memcpy(y, &best, sizeof best);                                                                                  \
    if (chosen) memcpy(chosen, &origin, sizeof origin);                                                             \
    if (codes) {                                                                                                    \
      code = (code & ~dead) << twin_places_##name;                                                                  \
      for (int word = 0; word < words; word++) {                                                                    \
        twin_mask_float8 lanes;                                                                                     \
        memcpy(&lanes, (const char *)&code + word * sizeof lanes, sizeof lanes);                                    \
        codes[word] = (uint32_t)__builtin_reduce_or(lanes);                                                         \
      }                                                                                                             \
    }                                                                                                               \
  }                                                                                                                 \
  /* Lanes whose four bits in `codes` have this bit set, zeros in the others: as `FloatLanes.where`. */               \
  static inline __attribute__((always_inline)) twin_##name twin_where_##name(                                       \
      twin_##name value, const uint32_t *_Nonnull codes, int32_t bit) {                                             \
    twin_mask_##name code;                                                                                          \
    for (int word = 0; word < words; word++) {                                                                      \
      twin_mask_float8 lanes = (int)codes[word];                                                                    \
      memcpy((char *)&code + word * sizeof lanes, &lanes, sizeof lanes);                                            \
    }                                                                                                               \
    twin_mask_##name is = (code & ((twin_mask_##name)(1 << bit) << twin_places_##name)) != 0;                       \
    return TWIN_CHOOSE(name, is, value, (twin_##name)(0.0f));                                                       \
  }

/* Where the four bits of each channel begin in their word. */
static const twin_mask_float8 twin_places_float8 = {0, 4, 8, 12, 16, 20, 24, 28};
static const twin_mask_float16 twin_places_float16 = {0, 4, 8, 12, 16, 20, 24, 28, 0, 4, 8, 12, 16, 20, 24, 28};

#define TWIN_EVEN8 0, 2, 4, 6, 8, 10, 12, 14
#define TWIN_ODD8 1, 3, 5, 7, 9, 11, 13, 15
#define TWIN_EVEN16 TWIN_EVEN8, 16, 18, 20, 22, 24, 26, 28, 30
#define TWIN_ODD16 TWIN_ODD8, 17, 19, 21, 23, 25, 27, 29, 31
TWIN_POOL(float8, bytes8, TWIN_EVEN8, TWIN_ODD8)
TWIN_POOL(float16, bytes16, TWIN_EVEN16, TWIN_ODD16)
TWIN_POOL_PIXELS(float8, 1)
TWIN_POOL_PIXELS(float16, 2)
#undef TWIN_POOL
#undef TWIN_POOL_PIXELS
#undef TWIN_CHOOSE
#undef TWIN_EVEN8
#undef TWIN_ODD8
#undef TWIN_EVEN16
#undef TWIN_ODD16

/// Asks for `count` lines of the cache from `address` on, which are read soon; any address will do.
static inline __attribute__((always_inline)) void twin_prefetch(const float *_Nonnull address, long count) {
  for (long line = 0; line < count; line++) __builtin_prefetch(address + 16 * line, 0, 3);
}
