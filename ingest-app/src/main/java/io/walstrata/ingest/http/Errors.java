package io.walstrata.ingest.http;

import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.UnknownTimelineException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Every error answer of the interface is made here; the table in {@code docs/http.md} lists them.
 */
public final class Errors {
  /** What went wrong, for programs: the text form never changes. */
  public enum Code {
    BAD_TIMELINE(400),
    BAD_KEY(400),
    BAD_LSN(400),
    BAD_PARAMETER(400),
    BAD_REQUEST(400),
    NOT_FOUND(404),
    TIMELINE_NOT_FOUND(404),
    PAGE_ABSENT(404),
    PAGE_DROPPED(404),
    METHOD_NOT_ALLOWED(405),
    LSN_NOT_REACHED(409),
    TIMELINE_SPLIT(409),
    LAYER_CORRUPT(500),
    INTERNAL_ERROR(500),
    PEER_INVALID(502),
    NOT_READY(503),
    PEER_UNAVAILABLE(503);

    private final int status;

    Code(int status) {
      this.status = status;
    }

    /** Returns the HTTP status that goes with it. */
    public int status() {
      return status;
    }

    /** Returns the code as it is in the answer. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private Errors() {}

  static ApiException badTimeline(IllegalArgumentException e) {
    return new ApiException(error(Code.BAD_TIMELINE, message(e)));
  }

  static ApiException badKey(String message) {
    return new ApiException(error(Code.BAD_KEY, message));
  }

  static ApiException badLsn(String message) {
    return new ApiException(error(Code.BAD_LSN, message));
  }

  static ApiException badParameter(String message) {
    return new ApiException(error(Code.BAD_PARAMETER, message));
  }

  /** For a page without versions at or below the LSN. */
  static ApiException pageAbsent(ReconstructData data, Lsn lastLsn) {
    return new ApiException(
        error(
            Code.PAGE_ABSENT,
            "the page has no version at or below this LSN: " + where(data),
            lastLsn,
            null));
  }

  /** For a page that was dropped and not written since. */
  static ApiException pageDropped(ReconstructData data, Lsn lastLsn) {
    return new ApiException(
        error(
            Code.PAGE_DROPPED,
            "the page was dropped: " + where(data) + ", droppedAt=" + data.droppedAt(),
            lastLsn,
            data.droppedAt()));
  }

  /** For an answer that only an instance may have that does not answer. */
  static ApiException peerUnavailable(String address, String error) {
    return new ApiException(
        error(
            Code.PEER_UNAVAILABLE,
            "another instance of the job may have it and does not answer: instance="
                + address
                + ", error="
                + error));
  }

  /** For an answer from an address where something else listens than the group says. */
  static ApiException peerInvalid(String address, int status) {
    return new ApiException(
        error(
            Code.PEER_INVALID,
            "another instance of the job may have it, and something else answers at its address,"
                + " check advertised.http.address of the instance: instance="
                + address
                + ", status="
                + status));
  }

  private static String where(ReconstructData data) {
    return "timeline=" + data.timeline() + ", key=" + data.key() + ", asOf=" + data.asOf();
  }

  /** For a path or method that the interface does not have, and other faults of the request. */
  static Answers.Failure ofRequest(int status, String message) {
    Code code =
        switch (status) {
          case 404 -> Code.NOT_FOUND;
          case 405 -> Code.METHOD_NOT_ALLOWED;
          default -> status < 500 ? Code.BAD_REQUEST : Code.INTERNAL_ERROR;
        };
    return error(code, message);
  }

  /** For anything that a read threw. */
  static Answers.Failure of(Exception failure) {
    if (failure instanceof ApiException known) {
      return known.answer();
    }
    if (failure instanceof UnknownTimelineException) {
      return error(Code.TIMELINE_NOT_FOUND, message(failure));
    }
    if (failure instanceof LsnNotReachedException notReached) {
      return error(Code.LSN_NOT_REACHED, message(failure), notReached.lastLsn(), null);
    }
    if (failure instanceof NotReadyException) {
      return error(Code.NOT_READY, message(failure));
    }
    if (failure instanceof SplitTimelineException) {
      return error(Code.TIMELINE_SPLIT, message(failure));
    }
    if (failure instanceof CorruptLayerException) {
      return error(Code.LAYER_CORRUPT, message(failure));
    }
    return error(Code.INTERNAL_ERROR, "the read failed, see the job's log: error=" + failure);
  }

  private static Answers.Failure error(Code code, String message) {
    return error(code, message, null, null);
  }

  private static Answers.Failure error(
      Code code, String message, @Nullable Lsn lastLsn, @Nullable Lsn droppedAt) {
    return new Answers.Failure(
        code.text(),
        code.status(),
        message,
        lastLsn == null ? null : lastLsn.toString(),
        droppedAt == null ? null : droppedAt.toString());
  }

  private static String message(Exception e) {
    String message = e.getMessage();
    return message == null ? e.toString() : message;
  }
}
