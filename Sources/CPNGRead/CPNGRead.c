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
};

static void fail(png_structp png, png_const_charp words) {
  struct Source *source = png_get_error_ptr(png);
  snprintf(source->reason, 128, "%s", words);
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp words) {
  (void)png;
  (void)words;
}

static void readBytes(png_structp png, png_bytep out, size_t count) {
  struct Source *source = png_get_io_ptr(png);
  if (count > source->count - source->at) png_error(png, "the file ends early");
  memcpy(out, source->bytes + source->at, count);
  source->at += count;
}

/// Up to the header, with the transformations to 8 bits set.
static void begin(png_structp png, png_infop info, struct Source *source) {
  png_set_read_fn(png, source, readBytes);
  png_set_user_limits(png, 0x7FFFFFFF, 0x7FFFFFFF);
  png_read_info(png, info);
  png_set_scale_16(png);
  // Palettes to RGB, 1, 2 and 4 bits to 8, a transparent colour to alpha.
  png_set_expand(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
}

bool twin_png_header(const unsigned char *bytes, size_t count, TwinPNGHeader *header, char reason[128]) {
  struct Source source = {bytes, count, 0, reason};
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
  header->channels = png_get_channels(png, info);
  png_destroy_read_struct(&png, &info, NULL);
  return true;
}

bool twin_png_pixels(
  const unsigned char *bytes, size_t count, TwinPNGHeader header, unsigned char *pixels, char reason[128]
) {
  struct Source source = {bytes, count, 0, reason};
  reason[0] = 0;
  // Not changed after setjmp, so that it has its value after longjmp too.
  png_bytep *const rows = malloc(header.height * sizeof *rows);
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info || !rows) {
    png_destroy_read_struct(&png, &info, NULL);
    free(rows);
    snprintf(reason, 128, "the decoder did not start");
    return false;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    free(rows);
    return false;
  }
  begin(png, info, &source);
  size_t row = header.width * (size_t)header.channels;
  if (png_get_image_width(png, info) != header.width || png_get_image_height(png, info) != header.height
      || png_get_rowbytes(png, info) != row) {
    png_error(png, "its header does not fit its pixels");
  }
  for (size_t y = 0; y < header.height; y++) rows[y] = pixels + y * row;
  png_read_image(png, rows);
  png_destroy_read_struct(&png, &info, NULL);
  free(rows);
  return true;
}
