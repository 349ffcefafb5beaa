package io.walstrata.ingest.http;

import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueDescriber;
import io.walstrata.layerstore.redo.RedoResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Answers requests for timelines, layers and pages, from this instance or another one. */
final class ReadRoutes {
  private static final Duration PEER_CONNECT_TIMEOUT = Duration.ofSeconds(2);

  private static final Duration PEER_ANSWER_TIMEOUT = Duration.ofSeconds(30);

  private static final long BYTES_PER_BLOCK = 8192;

  private final LayerReads reads;
  private final Forwarding forwarding;
  private final ValueDescriber describer;
  private final Function<String, PageKey> keys;
  private final PageChecksums checksums;
  private final FileSizes sizes;
  private final ThreadPoolExecutor readers;
  private final Executor senders;

  ReadRoutes(
      LayerReads reads,
      Peers peers,
      ValueDescriber describer,
      Function<String, PageKey> keys,
      PageChecksums checksums,
      FileSizes sizes,
      ThreadPoolExecutor readers,
      Executor senders) {
    this.reads = reads;
    this.forwarding =
        new Forwarding(peers, new PeerClient(PEER_CONNECT_TIMEOUT, PEER_ANSWER_TIMEOUT));
    this.describer = describer;
    this.keys = keys;
    this.checksums = checksums;
    this.sizes = sizes;
    this.readers = readers;
    this.senders = senders;
  }

  /** Returns the number of reads that wait for a thread. */
  int waiting() {
    return readers.getQueue().size();
  }

  /** Runs a read in a thread that may wait for a disk. */
  private void read(Exchange exchange, Runnable reading) {
    try {
      readers.execute(
          () -> {
            try {
              reading.run();
            } catch (RuntimeException | Error e) {
              exchange.fail(
                  e); // errors too: otherwise the client would wait and its memory stay taken
            }
          });
    } catch (RejectedExecutionException e) {
      exchange.fail(Errors.tooManyRequests(waiting()));
    }
  }

  void timelines(Exchange exchange) {
    @Nullable String local = exchange.parameters(List.of("local")).get("local");
    if (local != null && !local.equals("true")) {
      throw Errors.badParameter("local must be true: local=" + local);
    }
    read(
        exchange,
        () -> {
          if (local != null || exchange.isForwarded()) {
            here(exchange, consistency(exchange), here -> send(exchange, here));
          } else {
            all(exchange, consistency(exchange), all -> send(exchange, all));
          }
        });
  }

  private void send(Exchange exchange, Answers.Timelines all) {
    exchange.json(
        Json.array("{\"timelines\":[", all.timelines(), timeline -> timeline, "]}"), senders);
  }

  private interface TimelinesUse {
    void use(Answers.Timelines timelines);
  }

  /** Reads nothing: for a list of timelines that is searched and not sent. */
  private static Optional<Lsn> notShown(TimelineId timeline) {
    return Optional.empty();
  }

  /** Reads a page of each timeline: only for an answer that shows it. */
  private Function<TimelineId, Optional<Lsn>> consistency(Exchange exchange) {
    return timeline -> reads.consistentFrom(timeline, exchange.limit());
  }

  private void here(
      Exchange exchange, Function<TimelineId, Optional<Lsn>> consistency, TimelinesUse use) {
    ReadAnswer<List<LayerReads.Located>> answer = reads.timelines(exchange.limit());
    if (answer instanceof ReadAnswer.Found<List<LayerReads.Located>> found) {
      use.use(ToJson.timelines(found.value(), consistency));
    } else if (answer instanceof ReadAnswer.None<?> none) {
      exchange.fail(none);
    }
  }

  /** Reads the timelines of all instances; {@code use} must not block. */
  private void all(
      Exchange exchange, Function<TimelineId, Optional<Lsn>> consistency, TimelinesUse use) {
    here(
        exchange,
        consistency,
        here -> {
          var unused =
              forwarding
                  .timelines(here, exchange.limit())
                  .whenComplete(
                      (all, failure) -> {
                        try {
                          if (failure == null) {
                            use.use(all);
                          } else {
                            exchange.fail(
                                failure.getCause() == null ? failure : failure.getCause());
                          }
                        } catch (RuntimeException e) {
                          exchange.fail(e);
                        }
                      });
        });
  }

  void layers(Exchange exchange) {
    exchange.parameters(List.of());
    withTimeline(
        exchange,
        timeline -> {
          ReadAnswer<List<LayerDesc>> answer = reads.layers(timeline, exchange.limit());
          if (answer instanceof ReadAnswer.Found<List<LayerDesc>> found) {
            send(exchange, timeline, found.value());
          } else if (answer instanceof ReadAnswer.None<?> none) {
            none(exchange, timeline, none);
          }
        });
  }

  private void send(Exchange exchange, TimelineId timeline, List<LayerDesc> layers) {
    exchange.json(
        Json.array("{\"timeline\":\"" + timeline + "\",\"layers\":[", layers, ToJson::layer, "]}"),
        senders);
  }

  void page(Exchange exchange) {
    QueryParameters parameters =
        exchange.parameters(List.of("lsn", "bytes", "page", "explain", "checksum"));
    boolean withBytes = is(parameters, "bytes", "base64");
    boolean withPage = is(parameters, "page", "base64");
    boolean isExplained = is(parameters, "explain", "true");
    boolean withChecksum = !is(parameters, "checksum", "none");
    PageKey key = key(exchange);
    @Nullable Lsn lsn = lsn(parameters.get("lsn"));
    exchange.put("Vary", "Accept");
    if (exchange.accepts(Exchange.BYTES)) {
      withTimeline(exchange, timeline -> pageBytes(exchange, timeline, key, lsn, withChecksum));
      return;
    }
    if (withPage) {
      withTimeline(
          exchange,
          timeline -> {
            ReadAnswer<RedonePages.Both> answer =
                RedonePages.read(reads, timeline, key, lsn, exchange.limit());
            if (answer instanceof ReadAnswer.Found<RedonePages.Both> found) {
              RedonePages.Both both = found.value();
              exchange.limit().take(RedonePages.heapBytes(both.read()));
              finish(both.read(), withChecksum);
              exchange.json(
                  new PagePieces(
                      both.data(), withBytes, RedonePages.json(both.read()), true, describer),
                  senders);
            } else if (answer instanceof ReadAnswer.None<?> none) {
              none(exchange, timeline, none);
            }
          });
      return;
    }
    withTimeline(
        exchange,
        timeline -> {
          ReadAnswer<ReconstructData> answer = reads.page(timeline, key, lsn, exchange.limit());
          if (answer instanceof ReadAnswer.Found<ReconstructData> found) {
            ReconstructData data = found.value();
            send(exchange, data, withBytes, isExplained || !isFinal(data, lsn));
          } else if (answer instanceof ReadAnswer.None<?> none) {
            none(exchange, timeline, none);
          }
        });
  }

  /**
   * Returns whether the answer can never change: more versions can come at the last LSN, and an
   * answer without an LSN is as of the last one.
   */
  private static boolean isFinal(ReconstructData data, @Nullable Lsn lsn) {
    return lsn != null && lsn.isBefore(data.lastLsn());
  }

  private void send(
      Exchange exchange, ReconstructData data, boolean withBytes, boolean isExplained) {
    if (!isExplained) {
      String etag = EntityTag.of(data, withBytes);
      exchange.put("ETag", etag);
      if (EntityTag.matches(exchange.header("If-None-Match"), etag)) {
        exchange.empty(304, ReadOutcome.NOT_MODIFIED);
        return;
      }
    }
    exchange.json(new PagePieces(data, withBytes, null, isExplained, describer), senders);
  }

  private void pageBytes(
      Exchange exchange,
      TimelineId timeline,
      PageKey key,
      @Nullable Lsn lsn,
      boolean withChecksum) {
    ReadAnswer<PageRead> answer = reads.redonePage(timeline, key, lsn, exchange.limit());
    if (answer instanceof ReadAnswer.Found<PageRead> found) {
      PageRead read = found.value();
      if (read.result() instanceof RedoResult.Page page) {
        finish(read, withChecksum);
        PageHeaders.of(read, page).forEach(exchange::put);
        exchange.bytes(200, Exchange.BYTES, page.bytes(), senders);
      } else {
        exchange.fail(Errors.noPage(read));
      }
    } else if (answer instanceof ReadAnswer.None<?> none) {
      none(exchange, timeline, none);
    }
  }

  void size(Exchange exchange) {
    QueryParameters parameters = exchange.parameters(List.of("lsn"));
    PageKey key = key(exchange);
    @Nullable PageKey sizeKey = sizes.sizeKey(key);
    if (sizeKey == null) {
      throw Errors.badKey("no page of a file that has a size: key=" + key.describe());
    }
    @Nullable Lsn lsn = lsn(parameters.get("lsn"));
    withTimeline(
        exchange,
        timeline -> {
          ReadAnswer<PageRead> answer = reads.redonePage(timeline, sizeKey, lsn, exchange.limit());
          if (answer instanceof ReadAnswer.Found<PageRead> found) {
            send(exchange, key, found.value());
          } else if (answer instanceof ReadAnswer.None<?> none) {
            none(exchange, timeline, none);
          }
        });
  }

  private void send(Exchange exchange, PageKey key, PageRead read) {
    if (read.result() instanceof RedoResult.Page size) {
      FileSizes.Size of = sizes.size(size.bytes());
      exchange.json(
          200,
          new Answers.Size(
              read.timeline().toString(),
              ToJson.key(key),
              read.asOf().toString(),
              of.blocks(),
              of.blocks() * BYTES_PER_BLOCK,
              of.bound(),
              size.assumptions().isEmpty() ? null : size.assumptions()));
    } else {
      exchange.fail(Errors.noPage(read));
    }
  }

  private void finish(PageRead read, boolean withChecksum) {
    if (read.result() instanceof RedoResult.Page page) {
      checksums.write(read.key(), page.bytes(), withChecksum);
    }
  }

  private static boolean is(QueryParameters parameters, String name, String value) {
    @Nullable String given = parameters.get(name);
    if (given != null && !given.equals(value)) {
      throw Errors.badParameter(name + " must be " + value + ": " + name + "=" + given);
    }
    return given != null;
  }

  private PageKey key(Exchange exchange) {
    PageKey key;
    try {
      List<String> path = exchange.rawPath();
      key = keys.apply(QueryParameters.decode(String.join("/", path.subList(5, path.size()))));
    } catch (IllegalArgumentException e) {
      throw Errors.badKey(String.valueOf(e.getMessage()));
    }
    if (key.equals(PageKey.MAX)) {
      throw Errors.badKey("the end of the key space is not a page: key=" + key);
    }
    return key;
  }

  private static @Nullable Lsn lsn(@Nullable String text) {
    if (text == null) {
      return null;
    }
    Lsn lsn;
    try {
      lsn = Lsn.parse(text);
    } catch (IllegalArgumentException e) {
      throw Errors.badLsn(String.valueOf(e.getMessage()));
    }
    if (lsn.equals(Lsn.INVALID)) {
      throw Errors.badLsn("no version has this LSN: lsn=" + lsn);
    }
    return lsn;
  }

  private interface OfTimeline {
    void read(TimelineId timeline);
  }

  /** Reads from the timeline that the path names. */
  private void withTimeline(Exchange exchange, OfTimeline reading) {
    TimelineName name = TimelineName.parse(exchange.rawPath().get(3));
    @Nullable TimelineId id = name.id();
    if (id != null) {
      read(exchange, () -> reading.read(id));
      return;
    }
    read(
        exchange,
        () -> {
          if (exchange.isForwarded()) {
            here(
                exchange, ReadRoutes::notShown, here -> reading.read(name.among(here.timelines())));
          } else {
            all(
                exchange,
                ReadRoutes::notShown,
                all -> {
                  TimelineId found = name.among(all.timelines());
                  read(exchange, () -> reading.read(found));
                });
          }
        });
  }

  /** Answers a read that has no value here: another instance may have it. */
  private void none(Exchange exchange, TimelineId timeline, ReadAnswer.None<?> here) {
    boolean mayBeElsewhere =
        here instanceof ReadAnswer.UnknownTimeline<?>
            || here instanceof ReadAnswer.NotReady<?>
            || here instanceof ReadAnswer.NotReached<?>;
    if (mayBeElsewhere && !exchange.isForwarded()) {
      forward(exchange, timeline, here);
    } else {
      exchange.fail(here);
    }
  }

  /** Answers with another instance's answer; no thread waits for it. */
  private void forward(Exchange exchange, TimelineId timeline, ReadAnswer.None<?> here) {
    List<String> path = new ArrayList<>(exchange.rawPath());
    path.set(3, timeline.toString());
    String query = exchange.rawQuery();
    var unused =
        forwarding
            .ask(
                timeline,
                new Forwarding.Request(
                    String.join("/", path) + (query == null ? "" : "?" + query),
                    exchange.passedOn("If-None-Match", "Accept"),
                    exchange.limit()),
                here)
            .whenComplete(
                (answer, failure) -> {
                  try {
                    if (failure == null) {
                      exchange.passOn(answer);
                    } else {
                      exchange.fail(failure);
                    }
                  } catch (RuntimeException e) {
                    exchange.fail(e);
                  }
                });
  }
}
