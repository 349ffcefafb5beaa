package io.walstrata.ingest.http;

import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.UnknownTimelineException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

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
    TIMELINE_AMBIGUOUS(400),
    NOT_FOUND(404),
    TIMELINE_NOT_FOUND(404),
    BEFORE_HISTORY(404),
    PAGE_DROPPED(404),
    METHOD_NOT_ALLOWED(405),
    LSN_NOT_REACHED(409),
    TIMELINE_SPLIT(409),
    ANSWER_TOO_LARGE(422),
    LAYER_CORRUPT(500),
    INTERNAL_ERROR(500),
    PEER_INVALID(502),
    NOT_READY(503),
    TOO_BUSY(503),
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

    /** Returns the code with this text; empty if there is none. */
    public static Optional<Code> of(String text) {
      return Arrays.stream(values()).filter(code -> code.text().equals(text)).findFirst();
    }
  }

  private Errors() {}

  static ApiException badTimeline(String text) {
    return new ApiException(
        error(
            Code.BAD_TIMELINE,
            "not a timeline, expected 32 hex digits, the first of them, or - for the only timeline:"
                + " text="
                + text));
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

  /** For a page of which history says nothing at or below the LSN. */
  static ApiException beforeHistory(ReconstructData data) {
    return new ApiException(
        of(
            Code.BEFORE_HISTORY,
            "no version of the page at or below this LSN, and history does not say that there was"
                + " no such page: it may be older than where the timeline's history begins: "
                + where(data)
                + ", firstLsn="
                + data.firstLsn(),
            data));
  }

  /** For a page that was dropped and not written since. */
  static ApiException pageDropped(ReconstructData data) {
    return new ApiException(
        of(
            Code.PAGE_DROPPED,
            "the page was dropped: " + where(data) + ", droppedAt=" + data.droppedAt(),
            data));
  }

  private static Answers.Failure of(Code code, String message, ReconstructData data) {
    return new Answers.Failure(
        code.text(),
        code.status(),
        message,
        data.firstLsn().toString(),
        data.lastLsn().toString(),
        data.droppedAt() == null ? null : data.droppedAt().toString());
  }

  /** For a timeline that was named by the beginning of its id, or not at all. */
  static ApiException noSuchTimeline(String text) {
    return new ApiException(
        error(Code.TIMELINE_NOT_FOUND, "no timeline matches: timeline=" + text));
  }

  /**
   * For a name that more than one timeline has.
   *
   * @param matches some of them
   */
  static ApiException ambiguousTimeline(String text, int count, List<String> matches) {
    return new ApiException(
        error(
            Code.TIMELINE_AMBIGUOUS,
            "several timelines match, give more digits: timeline="
                + text
                + ", matches="
                + count
                + ", first="
                + matches));
  }

  /** For an answer that would take more than all answers together may. */
  static AnswerRefusedException answerTooLarge(long taken, long more, long limit) {
    return new AnswerRefusedException(
        error(
            Code.ANSWER_TOO_LARGE,
            "the answer takes more memory than all answers together may, raise"
                + " http.answers.max.bytes, or read a page as of an LSN closer to its last image:"
                + " takenBytes="
                + taken
                + ", nextBytes="
                + more
                + ", limitBytes="
                + limit));
  }

  /** For an answer that would fit if others were not in progress. */
  static AnswerRefusedException tooBusy(long taken, long more, long all, long limit) {
    return new AnswerRefusedException(
        error(
            Code.TOO_BUSY,
            "answers in progress take the memory that there is for them, ask again later:"
                + " takenBytes="
                + taken
                + ", nextBytes="
                + more
                + ", allAnswersBytes="
                + all
                + ", limitBytes="
                + limit));
  }

  /** For a request that would have to wait for too many others. */
  static Answers.Failure tooManyRequests(int waiting) {
    return error(Code.TOO_BUSY, "too many reads wait, ask again later: waiting=" + waiting);
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
    return "timeline="
        + data.timeline()
        + ", key="
        + data.key()
        + " ("
        + data.key().dotted()
        + "), asOf="
        + data.asOf();
  }

  /** For a path or method that the interface does not have, and other faults of the request. */
  static Answers.Failure ofRequest(int status, String message) {
    Code code =
        switch (status) {
          case 404 -> Code.NOT_FOUND;
          case 405 -> Code.METHOD_NOT_ALLOWED;
          case 505 -> Code.BAD_REQUEST; // a version of HTTP that there is not
          default -> status < 500 ? Code.BAD_REQUEST : Code.INTERNAL_ERROR;
        };
    return new Answers.Failure(code.text(), status, message, null, null, null);
  }

  /** For anything that a read threw. */
  static Answers.Failure of(Exception failure) {
    if (failure instanceof ApiException known) {
      return known.answer();
    }
    if (failure instanceof AnswerRefusedException refused) {
      return refused.answer();
    }
    if (failure instanceof UnknownTimelineException) {
      return error(Code.TIMELINE_NOT_FOUND, message(failure));
    }
    if (failure instanceof LsnNotReachedException notReached) {
      return new Answers.Failure(
          Code.LSN_NOT_REACHED.text(),
          Code.LSN_NOT_REACHED.status(),
          message(failure),
          null,
          notReached.lastLsn().toString(),
          null);
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
    return new Answers.Failure(code.text(), code.status(), message, null, null, null);
  }

  private static String message(Exception e) {
    String message = e.getMessage();
    return message == null ? e.toString() : message;
  }
}
