package io.walstrata.ingest.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.walstrata.layerstore.page.Lsn;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of the interface, for the server and for clients. LSNs are text like {@code
 * 16/B374D848}, because not every JSON parser keeps 64 bits of a number; absent fields are left
 * out.
 */
public final class Answers {
  private Answers() {}

  /**
   * A page as of an LSN.
   *
   * @param status whether history is whole, see {@code docs/http.md}
   * @param complete whether redo of {@code records} on {@code base} gives the page
   * @param firstLsn where the timeline's history begins
   * @param lastLsn the timeline's last LSN at the time; left out of answers that never change, see
   *     {@code docs/http.md}
   * @param base left out if the first record builds the page, or if there is no image
   * @param records oldest first
   * @param droppedAt the LSN of the last tombstone before {@code records}, if there is no base
   * @param page what redo makes of them, only if asked for
   * @param layersVisited newest first; left out as {@code lastLsn} is
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Page(
      String timeline,
      Key key,
      String asOf,
      String firstLsn,
      @Nullable String lastLsn,
      String status,
      boolean complete,
      @Nullable Base base,
      List<WalRecord> records,
      @Nullable String droppedAt,
      @Nullable RedonePage page,
      @Nullable List<LayerName> layersVisited) {}

  /**
   * What redo made.
   *
   * @param versionLsn the newest version in it
   * @param length of the page; the fields from here on are left out if there is none
   * @param recordsApplied to the base, or to a page that an earlier read made
   * @param assumptions what had to be assumed because history does not state it
   * @param bytes base64
   * @param refused why there is no page
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record RedonePage(
      @Nullable String versionLsn,
      @Nullable Integer length,
      @Nullable Integer recordsApplied,
      @Nullable Boolean isFromCache,
      @Nullable List<String> assumptions,
      @Nullable String bytes,
      @Nullable Failure refused) {}

  /**
   * The size of the file that has a page.
   *
   * @param blocks as of the LSN
   * @param bytes of them
   * @param bound {@code exact}, {@code at_least}, {@code at_most} or {@code not_logged}, see {@code
   *     docs/http.md}
   * @param assumptions what had to be assumed because history does not state it; left out if
   *     nothing
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Size(
      String timeline,
      Key key,
      String asOf,
      long blocks,
      long bytes,
      String bound,
      @Nullable List<String> assumptions) {}

  /**
   * A key in text and in fields.
   *
   * @param hex 36 digits
   * @param dotted {@code spc.db.rel.fork.block} in decimal; for a kind other than 0, {@code hex}
   */
  public record Key(
      String hex, String dotted, int kind, long spc, long db, long rel, int fork, long block) {}

  /**
   * An image.
   *
   * @param bytes base64, only if asked for
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Base(String lsn, int length, @Nullable String bytes) {}

  /**
   * A WAL record.
   *
   * @param length of its bytes as they are in the layers
   * @param bytes base64, only if asked for
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record WalRecord(
      String lsn, boolean willInit, int length, String description, @Nullable String bytes) {}

  /** Which layer. */
  public record LayerName(String name, String state) {}

  /** A timeline's layers, oldest first. */
  public record Layers(String timeline, List<Layer> layers) {}

  /**
   * A layer. Ends of ranges are exclusive.
   *
   * @param sizeBytes bytes of values, or of the file if it is one
   * @param freezeReason {@code policy}, {@code memory} or {@code idle}; left out while it is open
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Layer(
      String name,
      String state,
      String startKey,
      String endKey,
      String startLsn,
      String endLsn,
      long startOffset,
      long endOffset,
      long versions,
      long tombstones,
      long sizeBytes,
      @Nullable String freezeReason) {}

  /** All timelines, in the order of their ids. */
  public record Timelines(List<Timeline> timelines) {}

  /**
   * A timeline.
   *
   * @param partitions where it is, {@code TOPIC-NUMBER}; more than one is a producer's fault, and
   *     the other fields are then of the one whose last LSN is the highest
   * @param firstLsn where its history begins; {@code 0/0} while it has no layer
   * @param consistentFrom from which on pages are consistent with each other, if the history begins
   *     with a backup of a running server; left out otherwise
   * @param durableLsn the last LSN that is durable; {@code 0/0} for none
   * @param durableDigest digest of what its delta layers hold, 16 hexadecimal digits: equal where
   *     their versions are equal
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Timeline(
      String timeline,
      List<String> partitions,
      String firstLsn,
      @Nullable String consistentFrom,
      String lastLsn,
      String durableLsn,
      int layers,
      long versions,
      long sizeBytes,
      String durableDigest) {
    /** Returns the one of both with the greater last LSN, with the partitions of both. */
    Timeline with(Timeline other) {
      Timeline further = Lsn.parse(other.lastLsn).isAfter(Lsn.parse(lastLsn)) ? other : this;
      TreeSet<String> both = new TreeSet<>(partitions);
      both.addAll(other.partitions);
      return new Timeline(
          timeline,
          List.copyOf(both),
          further.firstLsn,
          further.consistentFrom,
          further.lastLsn,
          further.durableLsn,
          further.layers,
          further.versions,
          further.sizeBytes,
          further.durableDigest);
    }
  }

  /**
   * The status of an instance.
   *
   * @param instance the address at which others reach it; left out before it has joined the group
   * @param applicationId the job's
   * @param state one word, for people
   * @param reasons what is not well; the same as in {@link HealthStatus}
   * @param peers the other instances that the group knows
   * @param partitions those that this instance holds, in the order of topic and number
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Status(
      @Nullable String instance,
      String applicationId,
      String state,
      List<String> reasons,
      List<String> peers,
      List<Partition> partitions) {}

  /**
   * A partition. Offsets are left out while there are none.
   *
   * @param ingestedOffset the last that reads see
   * @param durableOffset the last that layer files cover
   * @param endOffset the offset after the topic's last record, as the broker last reported it
   * @param lag offsets that are not ingested yet; not every offset has a record
   * @param restore progress of a restore that is under way
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Partition(
      String topic,
      int partition,
      @Nullable Long ingestedOffset,
      @Nullable Long durableOffset,
      @Nullable Long endOffset,
      @Nullable Long lag,
      long versions,
      long badRecords,
      @Nullable String flushFailure,
      @Nullable Restore restore) {}

  /**
   * A restore that is under way.
   *
   * @param records restored so far
   * @param bytes of their keys and values
   * @param remaining offsets not restored yet; there may be fewer records
   * @param etaSeconds the time left at the speed so far; left out until a speed is known
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Restore(
      long records,
      long bytes,
      long remaining,
      double recordsPerSecond,
      double bytesPerSecond,
      @Nullable Long etaSeconds) {}

  /** The answer to {@code GET /}: the paths of the interface. */
  public record Index(String name, String version, List<Link> links) {}

  /**
   * A path of the interface.
   *
   * @param href with names in braces for the parts that vary
   */
  public record Link(String href, String title) {}

  /**
   * The health of the job: {@code status} is {@code up}, {@code down}, {@code ready} or {@code
   * not_ready}.
   */
  public record HealthStatus(String status, String state, List<String> reasons) {}

  /**
   * An error answer.
   *
   * @param code stable, see {@link Errors.Code}
   * @param firstLsn where the timeline's history begins, where that matters
   * @param lastLsn the timeline's last LSN, where that matters
   * @param droppedAt when the page was dropped
   * @param reason of a page that redo cannot make, for programs
   * @param recordLsn the version that it cannot replay
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Failure(
      String code,
      int status,
      String message,
      @Nullable String firstLsn,
      @Nullable String lastLsn,
      @Nullable String droppedAt,
      @Nullable String reason,
      @Nullable String recordLsn) {
    Failure(
        String code,
        int status,
        String message,
        @Nullable String firstLsn,
        @Nullable String lastLsn,
        @Nullable String droppedAt) {
      this(code, status, message, firstLsn, lastLsn, droppedAt, null, null);
    }
  }
}
