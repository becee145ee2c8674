#pragma once
#include <stdbool.h>
#include <stdint.h>

/// Message passing between processes by Open MPI's or MPICH's library, opened when mpirun has started this process, not
/// linked: nobody else needs it, and the two makers' handles have different types. All calls come from one thread at a
/// time.

/// A message under way. Open MPI keeps a pointer here, MPICH a number.
typedef union {
  void *_Nullable pointer;
  int number;
} TwinMPIRequest;

/// Opens a library and joins the others that mpirun started. NULL where all is well, else why not; nothing else may be
/// called then.
///
/// - `name`: the library's file; NULL: as `prefersMPICH` says, Open MPI's before MPICH's or the other way round.
const char *_Nullable twin_mpi_start(
  const char *_Nullable name, bool prefersMPICH, int *_Nonnull rank, int *_Nonnull count);

/// "Open MPI v4.1.4", one line.
const char *_Nonnull twin_mpi_version(void);

/// Begins to send; the bytes have to stay until `twin_mpi_is_done`. 0, or the error's number.
int twin_mpi_send(
  const void *_Nullable bytes, int count, int to, int tag, TwinMPIRequest *_Nonnull request);
/// Begins to receive a message of `count` bytes at most.
int twin_mpi_receive(void *_Nullable bytes, int count, int from, int tag, TwinMPIRequest *_Nonnull request);
/// Looks whether it is over; after that the request is none any more.
int twin_mpi_is_done(TwinMPIRequest *_Nonnull request, bool *_Nonnull isDone);
/// Looks whether a message waits, and how many bytes it has.
int twin_mpi_waiting(int from, int tag, bool *_Nonnull isThere, int *_Nonnull count);
/// Words for an error's number.
const char *_Nonnull twin_mpi_words(int error);

/// Ends all processes of this run, this one included.
void twin_mpi_abort(int code);
/// Takes leave; waits for the others to do so.
void twin_mpi_end(void);

/// Cores that this process may run on: a launcher binds ranks to some of the machine's. Needs no library.
int twin_mpi_cores(void);
