package io.walstrata.layerstore;

import io.walstrata.layerstore.page.Version;

/** A limit of so many bytes, which counts. */
final class TakenBytes implements ReadLimit {
  private final long limit;
  private long bytes;
  private long most;

  TakenBytes(long limit) {
    this.limit = limit;
  }

  @Override
  public void take(long more) {
    if (more > limit - bytes) {
      throw new ReadLimitException("too much: taken=" + bytes + ", more=" + more);
    }
    bytes += more;
    most = Math.max(most, bytes);
  }

  @Override
  public void giveBack(long less) {
    bytes -= less;
  }

  /** Returns what is taken. */
  long bytes() {
    return bytes;
  }

  /** Returns the most that was taken at one time. */
  long most() {
    return most;
  }

  /** Returns what the versions of a result take. */
  static long of(ReconstructData page) {
    Version base = page.base();
    long sum = base == null ? 0 : of(base);
    for (Version record : page.records()) {
      sum += of(record);
    }
    return sum;
  }

  private static long of(Version version) {
    return version.value().bytes().length + (long) ReadLimit.BYTES_PER_VERSION;
  }
}
