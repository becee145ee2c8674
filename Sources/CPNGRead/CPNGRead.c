#include "CPNGRead.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct Source {
  const unsigned char *bytes;
  size_t count;
  size_t at;
  char *reason;
  /// 0 while the header is read, then that of the picture.
  size_t height;
  bool isInterlaced;
  /// All pixels have come; what follows them was more than is looked at.
  bool isDone;
  size_t surplus;
};

/// Checksums behind the last pixel are looked at; what goes on behind them is not unpacked.
static const size_t surplusLimit = 1 << 15;

static void fail(png_structp png, png_const_charp words) {
  struct Source *source = png_get_error_ptr(png);
  snprintf(source->reason, 128, "%s", words);
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp words) {
  (void)png;
  (void)words;
}

/// Whether libpng only looks for the end of the packed data: it counts the row and the pass after the last one.
static bool hasAllRows(png_structp png, const struct Source *source) {
  if (source->height == 0) return false;
  return source->isInterlaced ? png_get_current_pass_number(png) >= 7
                              : png_get_current_row_number(png) >= source->height;
}

static void readBytes(png_structp png, png_bytep out, size_t count) {
  struct Source *source = png_get_io_ptr(png);
  if (hasAllRows(png, source)) {
    source->surplus += count;
    source->isDone = source->surplus > surplusLimit || count > source->count - source->at;
    if (source->isDone) png_longjmp(png, 1);
  }
  if (count > source->count - source->at) png_error(png, "the file ends early");
  memcpy(out, source->bytes + source->at, count);
  source->at += count;
}

/// Up to the pixels.
static void begin(png_structp png, png_infop info, struct Source *source) {
  png_set_read_fn(png, source, readBytes);
  png_set_user_limits(png, TWIN_PNG_SIDE_LIMIT, TWIN_PNG_SIDE_LIMIT);
  // Texts and profiles are not wanted, and unpack to many times their length.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(png, info);
}

bool twin_png_header(const unsigned char *bytes, size_t count, TwinPNGHeader *header, char reason[128]) {
  struct Source source = {.bytes = bytes, .count = count, .reason = reason};
  reason[0] = 0;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, &info, NULL);
    snprintf(reason, 128, "the decoder did not start");
    return false;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return false;
  }
  begin(png, info, &source);
  header->width = png_get_image_width(png, info);
  header->height = png_get_image_height(png, info);
  int colour = png_get_color_type(png, info);
  bool isTransparent = (colour & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, info, PNG_INFO_tRNS);
  header->channels = (colour & PNG_COLOR_MASK_COLOR ? 3 : 1) + (isTransparent ? 1 : 0);
  png_destroy_read_struct(&png, &info, NULL);
  return true;
}

bool twin_png_pixels(
  const unsigned char *bytes, size_t count, TwinPNGHeader header, unsigned char *pixels, char reason[128]
) {
  struct Source source = {.bytes = bytes, .count = count, .reason = reason};
  reason[0] = 0;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, &info, NULL);
    snprintf(reason, 128, "the decoder did not start");
    return false;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return source.isDone;
  }
  begin(png, info, &source);
  png_set_scale_16(png);
  // Palettes to RGB, 1, 2 and 4 bits to 8, a transparent colour to alpha.
  png_set_expand(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  size_t row = header.width * (size_t)header.channels;
  if (png_get_image_width(png, info) != header.width || png_get_image_height(png, info) != header.height
      || png_get_rowbytes(png, info) != row) {
    png_error(png, "its header does not fit its pixels");
  }
  source.isInterlaced = passes > 1;
  source.height = header.height;
  for (int pass = 0; pass < passes; pass++) {
    for (size_t y = 0; y < header.height; y++) png_read_row(png, pixels + y * row, NULL);
  }
  png_destroy_read_struct(&png, &info, NULL);
  return true;
}
