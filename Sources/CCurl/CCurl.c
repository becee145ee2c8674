#define _GNU_SOURCE
#include "CCurl.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct {
  void *library;
  __typeof__(&curl_easy_init) init;
  __typeof__(&curl_easy_cleanup) cleanup;
  // The headers wrap these two in macros that check types.
  CURLcode (*setopt)(CURL *, CURLoption, ...);
  CURLcode (*getinfo)(CURL *, CURLINFO, ...);
  __typeof__(&curl_easy_perform) perform;
  __typeof__(&curl_easy_strerror) words;
  __typeof__(&curl_version_info) version;
} curl;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void openLibrary(void) {
  static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so", "libcurl.4.dylib"};
  for (size_t i = 0; i < sizeof names / sizeof *names && !curl.library; i++) {
    curl.library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  }
  if (!curl.library) return;
  __typeof__(&curl_global_init) start;
  *(void **)&start = dlsym(curl.library, "curl_global_init");
  *(void **)&curl.init = dlsym(curl.library, "curl_easy_init");
  *(void **)&curl.cleanup = dlsym(curl.library, "curl_easy_cleanup");
  *(void **)&curl.setopt = dlsym(curl.library, "curl_easy_setopt");
  *(void **)&curl.getinfo = dlsym(curl.library, "curl_easy_getinfo");
  *(void **)&curl.perform = dlsym(curl.library, "curl_easy_perform");
  *(void **)&curl.words = dlsym(curl.library, "curl_easy_strerror");
  *(void **)&curl.version = dlsym(curl.library, "curl_version_info");
  bool whole = start && curl.init && curl.cleanup && curl.setopt && curl.getinfo && curl.perform && curl.words
    && curl.version;
  if (!whole || start(CURL_GLOBAL_DEFAULT) != CURLE_OK) curl.library = NULL;
}

static bool isReady(void) {
  pthread_once(&once, openLibrary);
  return curl.library != NULL;
}

const char *twin_curl_version(void) {
  return isReady() ? curl.version(CURLVERSION_NOW)->version : NULL;
}

struct Transfer {
  const TwinRequest *request;
  CURL *handle;
  long long received;
  bool tooLarge;
  bool stopped;
};

static size_t receive(char *bytes, size_t size, size_t count, void *context) {
  struct Transfer *transfer = context;
  size_t length = size * count;
  transfer->received += (long long)length;
  if (transfer->received > transfer->request->limit) {
    transfer->tooLarge = true;
    return 0;
  }
  long status = 0;
  curl.getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
  if (transfer->request->receive(bytes, length, status, transfer->request->context)) return length;
  transfer->stopped = true;
  return 0;
}

static int progress(void *context, curl_off_t total, curl_off_t now, curl_off_t upTotal, curl_off_t up) {
  (void)upTotal;
  (void)up;
  struct Transfer *transfer = context;
  if (transfer->request->progress(now, total > 0 ? total : -1, transfer->request->context)) return 0;
  transfer->stopped = true;
  return 1;
}

static TwinOutcome outcome(CURLcode code, const struct Transfer *transfer) {
  if (transfer->tooLarge) return TwinTooLarge;
  if (transfer->stopped) return TwinStopped;
  switch (code) {
  case CURLE_OK: return TwinDone;
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_URL_MALFORMAT: return TwinBadAddress;
  case CURLE_COULDNT_RESOLVE_PROXY:
  case CURLE_COULDNT_RESOLVE_HOST: return TwinNoHost;
  case CURLE_COULDNT_CONNECT: return TwinNoConnection;
  case CURLE_HTTP_RETURNED_ERROR: return TwinHTTPStatus;
  case CURLE_TOO_MANY_REDIRECTS: return TwinRedirects;
  case CURLE_OPERATION_TIMEDOUT: return TwinTimeOut;
  case CURLE_PARTIAL_FILE:
  case CURLE_GOT_NOTHING:
  case CURLE_SEND_ERROR:
  case CURLE_RECV_ERROR: return TwinCutOff;
  case CURLE_FILESIZE_EXCEEDED: return TwinTooLarge;
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE: return TwinNotSecure;
  default: return TwinFailed;
  }
}

TwinAnswer twin_curl_get(TwinRequest request) {
  TwinAnswer answer = {.outcome = TwinNoLibrary};
  if (!isReady()) return answer;
  CURL *handle = curl.init();
  if (!handle) {
    answer.outcome = TwinFailed;
    return answer;
  }
  struct Transfer transfer = {.request = &request, .handle = handle};
  char details[CURL_ERROR_SIZE] = "";
  // What begins safe stays safe: no redirect from https to http, none to files.
  bool secure = strncmp(request.url, "https:", 6) == 0;
  curl.setopt(handle, CURLOPT_URL, request.url);
#if LIBCURL_VERSION_NUM >= 0x075500
  curl.setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl.setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
#else
  curl.setopt(handle, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  curl.setopt(handle, CURLOPT_REDIR_PROTOCOLS, (long)(secure ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  curl.setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
  curl.setopt(handle, CURLOPT_MAXREDIRS, 8L);
  curl.setopt(handle, CURLOPT_FAILONERROR, 1L);
  curl.setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl.setopt(handle, CURLOPT_CONNECTTIMEOUT, request.connectSeconds);
  curl.setopt(handle, CURLOPT_LOW_SPEED_LIMIT, request.slowBytes);
  curl.setopt(handle, CURLOPT_LOW_SPEED_TIME, request.slowSeconds);
  curl.setopt(handle, CURLOPT_TIMEOUT, request.maxSeconds);
  curl.setopt(handle, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request.limit);
  curl.setopt(handle, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)request.offset);
  curl.setopt(handle, CURLOPT_USERAGENT, request.userAgent);
  curl.setopt(handle, CURLOPT_ERRORBUFFER, details);
  curl.setopt(handle, CURLOPT_WRITEFUNCTION, receive);
  curl.setopt(handle, CURLOPT_WRITEDATA, &transfer);
  curl.setopt(handle, CURLOPT_XFERINFOFUNCTION, progress);
  curl.setopt(handle, CURLOPT_XFERINFODATA, &transfer);
  curl.setopt(handle, CURLOPT_NOPROGRESS, 0L);
  CURLcode code = curl.perform(handle);
  answer.outcome = outcome(code, &transfer);
  // Where a server ignores the range, libcurl itself refuses to go on: the caller asks for the whole.
  if (code == CURLE_RANGE_ERROR) answer.outcome = TwinHTTPStatus;
  curl.getinfo(handle, CURLINFO_RESPONSE_CODE, &answer.status);
  if (code == CURLE_RANGE_ERROR) answer.status = 416;
  curl_off_t wait = 0;
  if (curl.getinfo(handle, CURLINFO_RETRY_AFTER, &wait) == CURLE_OK && wait > 0) {
    answer.retryAfter = wait < 1000000 ? (long)wait : 1000000;
  }
  const char *type = NULL;
  if (curl.getinfo(handle, CURLINFO_CONTENT_TYPE, &type) == CURLE_OK && type) {
    snprintf(answer.contentType, sizeof answer.contentType, "%s", type);
  }
  snprintf(answer.reason, sizeof answer.reason, "%s", details[0] ? details : curl.words(code));
  curl.cleanup(handle);
  return answer;
}
