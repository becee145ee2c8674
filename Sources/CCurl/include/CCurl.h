#pragma once
#include <stdbool.h>
#include <stddef.h>

/// libcurl, opened when a transfer is first wanted: linked, it and its forty libraries would slow every start.
/// Swift imports no C variadics, and libcurl's options are variadic; so one function does a whole transfer.

typedef struct {
  const char *url;
  /// Bytes that are there already; 0 asks for the whole.
  long long offset;
  /// More than this is refused, whether announced or not.
  long long limit;
  long connectSeconds;
  /// A transfer slower than `slowBytes` a second for `slowSeconds` ends.
  long slowBytes;
  long slowSeconds;
  /// Of the whole transfer; 0: as long as it takes.
  long maxSeconds;
  const char *userAgent;
  /// `status` is the answer's (206 where the offset was honoured). False ends the transfer.
  bool (*receive)(const void *bytes, size_t count, long status, void *context);
  /// Asked before each connection, those that redirects lead to too; `isPrivate` where it goes to this machine or its own
  /// network. False ends the transfer.
  bool (*allows)(const char *url, bool isPrivate, void *context);
  /// Called now and then; -1 where the total is not known. False ends the transfer.
  bool (*progress)(long long done, long long total, void *context);
  void *context;
} TwinRequest;

typedef enum {
  TwinDone, TwinNoLibrary, TwinBadAddress, TwinNoHost, TwinNoConnection, TwinNotSecure, TwinHTTPStatus, TwinRedirects,
  TwinTimeOut, TwinCutOff, TwinTooLarge, TwinStopped, TwinRefused, TwinFailed
} TwinOutcome;

typedef struct {
  TwinOutcome outcome;
  long status;
  /// What the server asked to wait before the next try, in seconds; 0 where it asked for nothing.
  long retryAfter;
  char contentType[128];
  /// Where it ended, after redirects; cut off where it is longer.
  char place[256];
  /// libcurl's own words for a failure.
  char reason[256];
} TwinAnswer;

/// libcurl's version; NULL where it is not installed.
const char *twin_curl_version(void);
TwinAnswer twin_curl_get(TwinRequest request);
