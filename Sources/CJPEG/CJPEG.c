#include "CJPEG.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

struct Failure {
  struct jpeg_error_mgr manager;
  jmp_buf place;
  char *reason;
  /// The data ended before the picture's end marker.
  bool sawEnd;
  /// Pixels were lost.
  bool isDamaged;
  bool isTooMuch;
};

static void words(j_common_ptr common) {
  struct Failure *failure = (struct Failure *)common->err;
  char text[JMSG_LENGTH_MAX];
  common->err->format_message(common, text);
  if (!failure->reason[0]) snprintf(failure->reason, 256, "%s", text);
}

static void leave(j_common_ptr common) {
  struct Failure *failure = (struct Failure *)common->err;
  // An error says more than the warnings before it.
  if (!failure->isTooMuch) {
    failure->reason[0] = 0;
    words(common);
  }
  longjmp(failure->place, 1);
}

/// Warnings that cost no pixels (stray bytes between markers, an odd Adobe segment) are let pass, as other programs do.
static void note(j_common_ptr common, int level) {
  if (level >= 0) return;
  struct Failure *failure = (struct Failure *)common->err;
  common->err->num_warnings++;
  switch (common->err->msg_code) {
  case JWRN_JPEG_EOF: failure->sawEnd = true; break;
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_MUST_RESYNC:
  case JWRN_ARITH_BAD_CODE:
    words(common);
    failure->isDamaged = true;
    break;
  default: break;
  }
}

static void silent(j_common_ptr common) { (void)common; }

static void listen(struct Failure *failure, char *reason) {
  jpeg_std_error(&failure->manager);
  failure->manager.error_exit = leave;
  failure->manager.emit_message = note;
  failure->manager.output_message = silent;
  failure->reason = reason;
  reason[0] = 0;
}

struct TwinJPEG {
  struct jpeg_decompress_struct decoder;
  struct Failure failure;
  struct jpeg_progress_mgr progress;
  /// The scan that was counted last, and what all of them came to.
  int scan;
  double blocks;
  double budget;
  /// Bits of the components that had a scan.
  unsigned seen;
};

/// A scan over all blocks takes as long whether its data are many or none.
static void countWork(j_common_ptr common) {
  j_decompress_ptr decoder = (j_decompress_ptr)common;
  TwinJPEG *jpeg = common->client_data;
  if (decoder->input_scan_number == jpeg->scan) return;
  jpeg->scan = decoder->input_scan_number;
  jpeg->blocks += (double)decoder->MCUs_per_row * decoder->MCU_rows_in_scan * decoder->blocks_in_MCU;
  for (int i = 0; i < decoder->comps_in_scan; i++) jpeg->seen |= 1u << decoder->cur_comp_info[i]->component_index;
  if (jpeg->blocks > jpeg->budget) {
    jpeg->failure.isTooMuch = true;
    decoder->err->error_exit(common);
  }
}

static const char exifStart[6] = "Exif\0";

static void findEXIF(const TwinJPEG *jpeg, TwinJPEGHeader *header) {
  for (jpeg_saved_marker_ptr at = jpeg->decoder.marker_list; at; at = at->next) {
    if (at->data_length >= sizeof exifStart && memcmp(at->data, exifStart, sizeof exifStart) == 0) {
      header->exif = at->data + sizeof exifStart;
      header->exifCount = at->data_length - sizeof exifStart;
      return;
    }
  }
}

TwinJPEG *twin_jpeg_open(
  const unsigned char *bytes, size_t count, TwinJPEGHeader *header, bool *endsEarly, char reason[256]
) {
  memset(header, 0, sizeof *header);
  *endsEarly = false;
  TwinJPEG *jpeg = calloc(1, sizeof *jpeg);
  if (!jpeg) {
    snprintf(reason, 256, "the decoder did not start");
    return NULL;
  }
  j_decompress_ptr decoder = &jpeg->decoder;
  listen(&jpeg->failure, reason);
  decoder->err = &jpeg->failure.manager;
  if (setjmp(jpeg->failure.place)) {
    *endsEarly = jpeg->failure.sawEnd;
    twin_jpeg_close(jpeg);
    return NULL;
  }
  decoder->client_data = jpeg;
  jpeg_create_decompress(decoder);
  jpeg_mem_src(decoder, (unsigned char *)bytes, (unsigned long)count);
  jpeg_save_markers(decoder, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(decoder, TRUE);
  header->width = decoder->image_width;
  header->height = decoder->image_height;
  header->components = decoder->num_components;
  header->isArithmetic = decoder->arith_code;
  switch (decoder->num_components) {
  case 1: header->channels = 1; break;
  case 3: header->channels = 3; break;
  case 4: header->channels = 4; break;
  default: header->channels = 0; break;
  }
  findEXIF(jpeg, header);
  return jpeg;
}

/// Whether all that a whole file holds had come when the data ended.
static bool isComplete(const TwinJPEG *jpeg) {
  const struct jpeg_decompress_struct *decoder = &jpeg->decoder;
  // Its decoder goes on with zeros, without a word.
  if (decoder->arith_code) return false;
  if (decoder->coef_bits) {
    for (int i = 0; i < decoder->num_components; i++) {
      for (int k = 0; k < DCTSIZE2; k++) {
        if (decoder->coef_bits[i][k] != 0) return false;
      }
    }
    return true;
  }
  // One scan with all components, or one for each.
  return jpeg->seen == 0 || jpeg->seen == (1u << decoder->num_components) - 1;
}

TwinJPEGOutcome twin_jpeg_pixels(TwinJPEG *jpeg, unsigned char *pixels, char reason[256]) {
  j_decompress_ptr decoder = &jpeg->decoder;
  jpeg->failure.reason = reason;
  reason[0] = 0;
  if (setjmp(jpeg->failure.place)) {
    if (jpeg->failure.isTooMuch) return TwinJPEGTooMuchWork;
    return jpeg->failure.sawEnd ? TwinJPEGEndsEarly : TwinJPEGBroken;
  }
  decoder->out_color_space = decoder->num_components == 1 ? JCS_GRAYSCALE : decoder->num_components == 3 ? JCS_RGB : JCS_CMYK;
  double all = 0;
  for (int i = 0; i < decoder->num_components; i++) {
    all += (double)decoder->comp_info[i].width_in_blocks * decoder->comp_info[i].height_in_blocks;
  }
  // The files of cameras and programs visit a block at most ten times; small pictures may do what they like.
  jpeg->budget = 16 * all + 8e6;
  jpeg->progress.progress_monitor = countWork;
  decoder->progress = &jpeg->progress;
  jpeg_start_decompress(decoder);
  size_t row = (size_t)decoder->output_width * (size_t)decoder->output_components;
  bool endedBefore = jpeg->failure.sawEnd;
  while (decoder->output_scanline < decoder->output_height) {
    JSAMPROW line = pixels + (size_t)decoder->output_scanline * row;
    jpeg_read_scanlines(decoder, &line, 1);
  }
  if (jpeg->failure.isDamaged) return jpeg->failure.sawEnd ? TwinJPEGEndsEarly : TwinJPEGBroken;
  if ((endedBefore || decoder->arith_code) && jpeg->failure.sawEnd && !isComplete(jpeg)) return TwinJPEGEndsEarly;
  return TwinJPEGRead;
}

void twin_jpeg_close(TwinJPEG *jpeg) {
  if (!jpeg) return;
  jpeg_destroy_decompress(&jpeg->decoder);
  free(jpeg);
}

struct Packing {
  struct jpeg_compress_struct encoder;
  struct Failure failure;
};

bool twin_jpeg_encode(
  const unsigned char *pixels, size_t width, size_t height, int channels, int quality, unsigned char **out,
  size_t *count, char reason[256]
) {
  unsigned long length = 0;
  *out = NULL;
  *count = 0;
  struct Packing *packing = calloc(1, sizeof *packing);
  if (!packing) {
    snprintf(reason, 256, "the encoder did not start");
    return false;
  }
  j_compress_ptr encoder = &packing->encoder;
  listen(&packing->failure, reason);
  encoder->err = &packing->failure.manager;
  if (setjmp(packing->failure.place)) {
    // libjpeg may have freed what it points to.
    *out = NULL;
    jpeg_destroy_compress(encoder);
    free(packing);
    return false;
  }
  jpeg_create_compress(encoder);
  jpeg_mem_dest(encoder, out, &length);
  encoder->image_width = (JDIMENSION)width;
  encoder->image_height = (JDIMENSION)height;
  encoder->input_components = channels;
  encoder->in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(encoder);
  jpeg_set_quality(encoder, quality, TRUE);
  encoder->dct_method = quality >= 96 ? JDCT_ISLOW : JDCT_FASTEST;
  encoder->comp_info[0].h_samp_factor = 1;
  encoder->comp_info[0].v_samp_factor = 1;
  jpeg_start_compress(encoder, TRUE);
  while (encoder->next_scanline < encoder->image_height) {
    JSAMPROW line = (JSAMPROW)(pixels + (size_t)encoder->next_scanline * width * (size_t)channels);
    jpeg_write_scanlines(encoder, &line, 1);
  }
  jpeg_finish_compress(encoder);
  *count = length;
  jpeg_destroy_compress(encoder);
  free(packing);
  return true;
}
