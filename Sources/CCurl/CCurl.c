#define _GNU_SOURCE
#include "CCurl.h"

#include <curl/curl.h>
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

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
  bool refused;
};

static bool isPrivate4(uint32_t address) {
  static const struct { uint32_t start; int bits; } ranges[] = {
    {0x00000000, 8}, {0x0A000000, 8}, {0x64400000, 10}, {0x7F000000, 8}, {0xA9FE0000, 16}, {0xAC100000, 12},
    {0xC0000000, 24}, {0xC0A80000, 16}, {0xC6120000, 15}, {0xE0000000, 4}, {0xF0000000, 4},
  };
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
    if ((address ^ ranges[i].start) >> (32 - ranges[i].bits) == 0) return true;
  }
  return false;
}

/// This machine, its own network, and what no host of the web has (RFC 6890).
static bool isPrivate(const struct sockaddr *address) {
  if (address->sa_family == AF_INET) return isPrivate4(ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr));
  if (address->sa_family != AF_INET6) return true;
  const unsigned char *bytes = ((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr;
  static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  static const unsigned char translated[12] = {0, 0x64, 0xFF, 0x9B};
  static const unsigned char none[12] = {0};
  const unsigned char *four = NULL;
  if (memcmp(bytes, mapped, 12) == 0 || memcmp(bytes, translated, 12) == 0 || memcmp(bytes, none, 12) == 0) {
    four = bytes + 12;
  } else if (bytes[0] == 0x20 && bytes[1] == 0x02) {
    four = bytes + 2;
  }
  if (four) {
    return isPrivate4((uint32_t)four[0] << 24 | (uint32_t)four[1] << 16 | (uint32_t)four[2] << 8 | four[3]);
  }
  return (bytes[0] == 0xFE && bytes[1] >= 0x80) || (bytes[0] & 0xFE) == 0xFC || bytes[0] == 0xFF;
}

/// Behind a proxy, the connection says nothing of where the request goes.
static bool hasProxy(void) {
  static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = getenv(names[i]);
    if (value && value[0]) return true;
  }
  return false;
}

static curl_socket_t openSocket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)purpose;
  struct Transfer *transfer = context;
  const char *url = NULL;
  curl.getinfo(transfer->handle, CURLINFO_EFFECTIVE_URL, &url);
  bool isNear = !hasProxy() && isPrivate(&address->addr);
  if (!transfer->request->allows(url ? url : transfer->request->url, isNear, transfer->request->context)) {
    transfer->refused = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

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
  if (transfer->refused && code != CURLE_OK) return TwinRefused;
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
  // What begins safe stays safe: no redirect from https to http, none to files. Schemes have no case.
  bool secure = strncasecmp(request.url, "https:", 6) == 0;
  // Every option counts: one that is not taken may be the one that keeps a transfer where it belongs.
  CURLcode code = CURLE_OK;
#define SET(option, value) \
  if (code == CURLE_OK) code = curl.setopt(handle, (CURLoption)(option), (value))
  SET(CURLOPT_URL, request.url);
  // As the library that runs has them, not the headers that this was built with: by name from 7.85 on, by bits before.
  if (curl.version(CURLVERSION_NOW)->version_num >= 0x075500) {
    enum { protocolNames = 10318, redirectNames = 10319 };
    SET(protocolNames, "http,https");
    SET(redirectNames, secure ? "https" : "http,https");
  } else {
    enum { protocolBits = 181, redirectBits = 182 };
    SET(protocolBits, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    SET(redirectBits, (long)(secure ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS));
  }
  SET(CURLOPT_FOLLOWLOCATION, 1L);
  SET(CURLOPT_MAXREDIRS, 8L);
  SET(CURLOPT_FAILONERROR, 1L);
  SET(CURLOPT_NOSIGNAL, 1L);
  SET(CURLOPT_CONNECTTIMEOUT, request.connectSeconds);
  SET(CURLOPT_LOW_SPEED_LIMIT, request.slowBytes);
  SET(CURLOPT_LOW_SPEED_TIME, request.slowSeconds);
  SET(CURLOPT_TIMEOUT, request.maxSeconds);
  SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request.limit);
  SET(CURLOPT_RESUME_FROM_LARGE, (curl_off_t)request.offset);
  SET(CURLOPT_USERAGENT, request.userAgent);
  SET(CURLOPT_ERRORBUFFER, details);
  SET(CURLOPT_WRITEFUNCTION, receive);
  SET(CURLOPT_WRITEDATA, &transfer);
  SET(CURLOPT_XFERINFOFUNCTION, progress);
  SET(CURLOPT_XFERINFODATA, &transfer);
  SET(CURLOPT_NOPROGRESS, 0L);
  SET(CURLOPT_OPENSOCKETFUNCTION, openSocket);
  SET(CURLOPT_OPENSOCKETDATA, &transfer);
#undef SET
  if (code != CURLE_OK) {
    answer.outcome = TwinFailed;
    snprintf(answer.reason, sizeof answer.reason, "libcurl does not take an option: %s", curl.words(code));
    curl.cleanup(handle);
    return answer;
  }
  code = curl.perform(handle);
  answer.outcome = outcome(code, &transfer);
  // Where a server ignores the range, libcurl itself refuses to go on: the caller asks for the whole.
  if (code == CURLE_RANGE_ERROR) answer.outcome = TwinHTTPStatus;
  curl.getinfo(handle, CURLINFO_RESPONSE_CODE, &answer.status);
  if (code == CURLE_RANGE_ERROR) answer.status = 416;
  curl_off_t wait = 0;
  if (curl.getinfo(handle, CURLINFO_RETRY_AFTER, &wait) == CURLE_OK && wait > 0) {
    answer.retryAfter = wait < 1000000 ? (long)wait : 1000000;
  }
  const char *place = NULL;
  if (curl.getinfo(handle, CURLINFO_EFFECTIVE_URL, &place) == CURLE_OK && place) {
    snprintf(answer.place, sizeof answer.place, "%s", place);
  }
  const char *type = NULL;
  if (curl.getinfo(handle, CURLINFO_CONTENT_TYPE, &type) == CURLE_OK && type) {
    snprintf(answer.contentType, sizeof answer.contentType, "%s", type);
  }
  snprintf(answer.reason, sizeof answer.reason, "%s", details[0] ? details : curl.words(code));
  curl.cleanup(handle);
  return answer;
}
