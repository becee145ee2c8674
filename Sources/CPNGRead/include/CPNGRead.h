#pragma once
#include <stdbool.h>
#include <stddef.h>

/// libpng's own interface, which tells errors by `setjmp`: Swift cannot call that. Its simplified interface is not used,
/// because it mixes up the first rows of interlaced pictures of 16 bits and blends transparency in linear light.

/// Pixels of a side, at most.
#define TWIN_PNG_SIDE_LIMIT 1000000

typedef struct {
  size_t width;
  size_t height;
  /// Of the 8-bit samples that `twin_png_pixels` writes: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha.
  int channels;
} TwinPNGHeader;

/// False, with libpng's words in `reason`, for what is no PNG or has a broken header. Allocates nothing that grows with
/// what the header claims.
bool twin_png_header(const unsigned char *bytes, size_t count, TwinPNGHeader *header, char reason[128]);
/// Writes height · width · channels samples; the header is that of the same bytes.
bool twin_png_pixels(
  const unsigned char *bytes, size_t count, TwinPNGHeader header, unsigned char *pixels, char reason[128]);
