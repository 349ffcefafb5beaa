package io.walstrata.ingest.http;

import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.redo.RedoResult;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes every error answer of the interface; the table in {@code docs/http.md} lists them. */
public final class Errors {
  /** The codes, for programs: their text form never changes. */
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
    PAGE_ABSENT(404),
    METHOD_NOT_ALLOWED(405),
    LSN_NOT_REACHED(409),
    TIMELINE_SPLIT(409),
    ANSWER_TOO_LARGE(422),
    PAGE_REFUSED(422),
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

    /** Returns the HTTP status of answers with this code. */
    public int status() {
      return status;
    }

    /** Returns the code as it is in answers. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the code with this text; empty if there is none. */
    public static Optional<Code> of(String text) {
      return Arrays.stream(values()).filter(code -> code.text().equals(text)).findFirst();
    }
  }

  /** One method for each case: the compiler checks that none is missing. */
  private static final ReadAnswer.Cases<Answers.Failure> OF_READS =
      new ReadAnswer.Cases<>() {
        @Override
        public Answers.Failure unknownTimeline(ReadAnswer.UnknownTimeline<?> none) {
          return error(Code.TIMELINE_NOT_FOUND, "unknown timeline: timeline=" + none.timeline());
        }

        @Override
        public Answers.Failure notReached(ReadAnswer.NotReached<?> none) {
          return error(
              Code.LSN_NOT_REACHED,
              "LSN not reached yet: timeline="
                  + none.timeline()
                  + ", asOf="
                  + none.asOf()
                  + ", lastLsn="
                  + none.lastLsn(),
              /* firstLsn= */ null,
              none.lastLsn(),
              /* droppedAt= */ null);
        }

        @Override
        public Answers.Failure beforeHistory(ReadAnswer.BeforeHistory<?> none) {
          return error(
              Code.BEFORE_HISTORY,
              "the page has neither a version nor a tombstone at or before this LSN, and may be"
                  + " older than where the timeline's history begins: "
                  + where(none.data())
                  + ", firstLsn="
                  + none.data().firstLsn(),
              none.data());
        }

        @Override
        public Answers.Failure dropped(ReadAnswer.Dropped<?> none) {
          return error(
              Code.PAGE_DROPPED,
              "the page was dropped: "
                  + where(none.data())
                  + ", droppedAt="
                  + none.data().droppedAt(),
              none.data());
        }

        @Override
        public Answers.Failure split(ReadAnswer.Split<?> none) {
          return error(
              Code.TIMELINE_SPLIT,
              "the timeline is in several partitions, each of which has a part of it; its producer"
                  + " must keep it in one: timeline="
                  + none.timeline()
                  + ", partitions="
                  + none.partitions());
        }

        @Override
        public Answers.Failure notReady(ReadAnswer.NotReady<?> none) {
          return error(Code.NOT_READY, none.why());
        }

        @Override
        public Answers.Failure failed(ReadAnswer.Failed<?> none) {
          return of(none.cause());
        }
      };

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

  /** For a timeline that was named by the first digits of its id, or by {@code -}. */
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

  /** For an answer that would take more than the limit of all answers together. */
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

  /** For an answer that would fit into the limit if others were not in progress. */
  static AnswerRefusedException tooBusy(long taken, long more, long all, long limit) {
    return new AnswerRefusedException(
        error(
            Code.TOO_BUSY,
            "answers in progress take all of the memory for answers, ask again later:"
                + " takenBytes="
                + taken
                + ", nextBytes="
                + more
                + ", allAnswersBytes="
                + all
                + ", limitBytes="
                + limit));
  }

  /** For a read when the queue of reads is full. */
  static Answers.Failure tooManyRequests(int waiting) {
    return error(Code.TOO_BUSY, "too many reads wait, ask again later: waiting=" + waiting);
  }

  /** For a read whose value may be at an instance that does not answer. */
  static Answers.Failure peerUnavailable(String address, String error) {
    return error(
        Code.PEER_UNAVAILABLE,
        "another instance of the job may have the answer and does not reply: instance="
            + address
            + ", error="
            + error);
  }

  /** For an answer that is not an instance's, from the address of an instance. */
  static Answers.Failure peerInvalid(String address, int status) {
    return error(
        Code.PEER_INVALID,
        "another instance of the job may have the answer, and something else replies at its"
            + " address, check advertised.http.address of the instance: instance="
            + address
            + ", status="
            + status);
  }

  /** For an unknown path or method, and other faults of the request. */
  static Answers.Failure ofRequest(int status, String message) {
    Code code =
        switch (status) {
          case 404 -> Code.NOT_FOUND;
          case 405 -> Code.METHOD_NOT_ALLOWED;
          case 505 -> Code.BAD_REQUEST; // an unknown version of HTTP
          default -> status < 500 ? Code.BAD_REQUEST : Code.INTERNAL_ERROR;
        };
    return new Answers.Failure(code.text(), status, message, null, null, null);
  }

  /** For a read that found versions, of which redo made no page. */
  static Answers.Failure noPage(PageRead read) {
    String where = "key=" + read.key().describe() + ", asOf=" + read.asOf();
    if (read.result() instanceof RedoResult.Refused refused) {
      boolean isBefore = refused.reason() == RedoResult.Reason.BEFORE_HISTORY;
      Code code = isBefore ? Code.BEFORE_HISTORY : Code.PAGE_REFUSED;
      return new Answers.Failure(
          code.text(),
          code.status(),
          "redo cannot make the page: "
              + refused.detail()
              + ", versionKey="
              + refused.key().describe()
              + (refused.lsn().isValid() ? ", versionLsn=" + refused.lsn() : "")
              + ", "
              + where,
          read.firstLsn().toString(),
          read.lastLsn().toString(),
          text(read.droppedAt()),
          refused.reason().name().toLowerCase(Locale.ROOT),
          refused.lsn().isValid() ? refused.lsn().toString() : null);
    }
    String why = read.result() instanceof RedoResult.Absent absent ? absent.why() : "";
    Code code = read.droppedAt() == null ? Code.PAGE_ABSENT : Code.PAGE_DROPPED;
    return error(
        code,
        "there is no such page at this LSN: " + why + ", " + where,
        read.firstLsn(),
        read.lastLsn(),
        read.droppedAt());
  }

  /** For a read without a value. */
  static Answers.Failure of(ReadAnswer.None<?> none) {
    return none.match(OF_READS);
  }

  /** For what a request or a read threw. */
  static Answers.Failure of(Throwable thrown) {
    if (thrown instanceof ApiException known) {
      return known.answer();
    }
    if (thrown instanceof AnswerRefusedException refused) {
      return refused.answer();
    }
    if (thrown instanceof CorruptLayerException) {
      return error(Code.LAYER_CORRUPT, String.valueOf(thrown.getMessage()));
    }
    return error(Code.INTERNAL_ERROR, "the read failed, see the job's log: error=" + thrown);
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

  private static Answers.Failure error(Code code, String message) {
    return error(code, message, null, null, null);
  }

  private static Answers.Failure error(Code code, String message, ReconstructData data) {
    return error(code, message, data.firstLsn(), data.lastLsn(), data.droppedAt());
  }

  private static Answers.Failure error(
      Code code,
      String message,
      @Nullable Lsn firstLsn,
      @Nullable Lsn lastLsn,
      @Nullable Lsn droppedAt) {
    return new Answers.Failure(
        code.text(), code.status(), message, text(firstLsn), text(lastLsn), text(droppedAt));
  }

  private static @Nullable String text(@Nullable Lsn lsn) {
    return lsn == null ? null : lsn.toString();
  }
}
