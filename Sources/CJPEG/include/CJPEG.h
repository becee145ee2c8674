#pragma once
#include <stdbool.h>
#include <stddef.h>

/// libjpeg's own interface, which tells errors by `setjmp`: Swift cannot call that. TurboJPEG, the simpler interface of the
/// same library, is not used: it refuses legal samplings, takes warnings for errors, and sets no limit to a file's scans.

typedef struct TwinJPEG TwinJPEG;

typedef struct {
  size_t width;
  size_t height;
  /// Of a pixel that `twin_jpeg_pixels` writes: 1 gray, 3 RGB, 4 inks (CMYK, 255 for none, as all programs store them);
  /// 0 for a number of components that is no picture's.
  int channels;
  int components;
  /// Arithmetic coding packs an even picture into next to nothing.
  bool isArithmetic;
  /// The first segment with EXIF data, behind its "Exif\0\0"; valid until `twin_jpeg_close`.
  const unsigned char *exif;
  size_t exifCount;
} TwinJPEGHeader;

typedef enum {
  TwinJPEGRead,
  /// `reason` has libjpeg's words.
  TwinJPEGBroken,
  TwinJPEGEndsEarly,
  /// So many scans over so large a picture that it would take far longer than any camera's or program's file.
  TwinJPEGTooMuchWork
} TwinJPEGOutcome;

/// Reads the header; NULL, with a reason, where there is none. Nothing is allocated for the pixels yet. The bytes must
/// outlive what is returned.
TwinJPEG *twin_jpeg_open(
  const unsigned char *bytes, size_t count, TwinJPEGHeader *header, bool *endsEarly, char reason[256]);
/// Writes height · width · channels samples.
TwinJPEGOutcome twin_jpeg_pixels(TwinJPEG *jpeg, unsigned char *pixels, char reason[256]);
void twin_jpeg_close(TwinJPEG *jpeg);

/// Packs gray (1 channel) or RGB (3) without subsampling. Free `*out` with `free`.
bool twin_jpeg_encode(
  const unsigned char *pixels, size_t width, size_t height, int channels, int quality, unsigned char **out,
  size_t *count, char reason[256]);
