#define _GNU_SOURCE
#include "CLAPACK.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

// Fortran's calls: everything by address, and the lengths of texts behind all else.
static struct {
  void *library;
  void (*getrf)(const int *, const int *, double *, const int *, int *, int *);
  void (*getrs)(const char *, const int *, const int *, const double *, const int *, const int *, double *, const int *,
                int *, size_t);
  void (*getri)(const int *, double *, const int *, const int *, double *, const int *, int *);
  void (*gecon)(const char *, const int *, const double *, const int *, const double *, double *, double *, int *, int *,
                size_t);
  void (*potrf)(const char *, const int *, double *, const int *, int *, size_t);
  void (*geqrf)(const int *, const int *, double *, const int *, double *, double *, const int *, int *);
  void (*orgqr)(const int *, const int *, const int *, double *, const int *, const double *, double *, const int *, int *);
  void (*gesdd)(const char *, const int *, const int *, double *, const int *, double *, double *, const int *, double *,
                const int *, double *, const int *, int *, int *, size_t);
  void (*syevd)(const char *, const char *, const int *, double *, const int *, double *, double *, const int *, int *,
                const int *, int *, size_t, size_t);
  void (*gelsd)(const int *, const int *, const int *, double *, const int *, double *, const int *, double *,
                const double *, int *, double *, const int *, int *, int *);
} lapack;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void openLibrary(void) {
  static const char *const names[] = {
    "libopenblas.so.0", "libopenblas.so", "libopenblas.0.dylib", "libopenblas.dylib", "liblapack.so.3",
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!library) continue;
    *(void **)&lapack.getrf = dlsym(library, "dgetrf_");
    *(void **)&lapack.getrs = dlsym(library, "dgetrs_");
    *(void **)&lapack.getri = dlsym(library, "dgetri_");
    *(void **)&lapack.gecon = dlsym(library, "dgecon_");
    *(void **)&lapack.potrf = dlsym(library, "dpotrf_");
    *(void **)&lapack.geqrf = dlsym(library, "dgeqrf_");
    *(void **)&lapack.orgqr = dlsym(library, "dorgqr_");
    *(void **)&lapack.gesdd = dlsym(library, "dgesdd_");
    *(void **)&lapack.syevd = dlsym(library, "dsyevd_");
    *(void **)&lapack.gelsd = dlsym(library, "dgelsd_");
    if (lapack.getrf && lapack.getrs && lapack.getri && lapack.gecon && lapack.potrf && lapack.geqrf && lapack.orgqr
        && lapack.gesdd && lapack.syevd && lapack.gelsd) {
      // Stacks are split over threads of our own.
      void (*threads)(int);
      *(void **)&threads = dlsym(library, "openblas_set_num_threads");
      if (threads) threads(1);
      lapack.library = library;
      return;
    }
    dlclose(library);
  }
}

bool twin_lapack_open(void) {
  pthread_once(&once, openLibrary);
  return lapack.library != NULL;
}

int twin_dgetrf(int m, int n, double *a, int *pivots) {
  int info = 0;
  lapack.getrf(&m, &n, a, &m, pivots, &info);
  return info;
}

int twin_dgetrs(char trans, int n, int columns, const double *a, const int *pivots, double *b) {
  int info = 0;
  lapack.getrs(&trans, &n, &columns, a, &n, pivots, b, &n, &info, 1);
  return info;
}

int twin_dgetri(int n, double *a, const int *pivots, double *work, int lwork) {
  int info = 0;
  lapack.getri(&n, a, &n, pivots, work, &lwork, &info);
  return info;
}

int twin_dgecon(int n, const double *a, double norm, double *reciprocal, double *work, int *integers) {
  int info = 0;
  lapack.gecon("1", &n, a, &n, &norm, reciprocal, work, integers, &info, 1);
  return info;
}

int twin_dpotrf(char uplo, int n, double *a) {
  int info = 0;
  lapack.potrf(&uplo, &n, a, &n, &info, 1);
  return info;
}

int twin_dgeqrf(int m, int n, double *a, double *tau, double *work, int lwork) {
  int info = 0;
  lapack.geqrf(&m, &n, a, &m, tau, work, &lwork, &info);
  return info;
}

int twin_dorgqr(int m, int n, int k, double *a, const double *tau, double *work, int lwork) {
  int info = 0;
  lapack.orgqr(&m, &n, &k, a, &m, tau, work, &lwork, &info);
  return info;
}

int twin_dgesdd(char jobz, int m, int n, double *a, double *s, double *u, int ldu, double *vt, int ldvt, double *work,
                int lwork, int *integers) {
  int info = 0;
  lapack.gesdd(&jobz, &m, &n, a, &m, s, u, &ldu, vt, &ldvt, work, &lwork, integers, &info, 1);
  return info;
}

int twin_dsyevd(char uplo, int n, double *a, double *w, double *work, int lwork, int *integers, int liwork) {
  int info = 0;
  lapack.syevd("V", &uplo, &n, a, &n, w, work, &lwork, integers, &liwork, &info, 1, 1);
  return info;
}

int twin_dgelsd(int m, int n, int columns, double *a, double *b, int ldb, double *s, double rcond, int *rank, double *work,
                int lwork, int *integers) {
  int info = 0;
  lapack.gelsd(&m, &n, &columns, a, &m, b, &ldb, s, &rcond, rank, work, &lwork, integers, &info);
  return info;
}
