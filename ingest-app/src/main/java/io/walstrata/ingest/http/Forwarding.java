package io.walstrata.ingest.http;

import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Forwards requests for what this instance does not have to the others. Thread-safe.
 *
 * <p>A message's routing key, not its timeline, chooses the partition, so the owner of a timeline
 * cannot be computed: all are asked, and the one that had it is remembered. A request is forwarded
 * once: an instance that gets it from another one answers for itself.
 */
final class Forwarding {
  private static final int MOST_OWNERS = 10_000;

  private final Peers peers;
  private final PeerClient client;

  /** The instance that answered last, as a hint. Guarded by itself; the oldest is removed first. */
  private final Map<TimelineId, String> owners =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<TimelineId, String> eldest) {
          return size() > MOST_OWNERS;
        }
      };

  Forwarding(Peers peers, PeerClient client) {
    this.peers = peers;
    this.client = client;
  }

  /**
   * A request to forward.
   *
   * @param headers of the client's request that are passed on
   * @param limit on the bytes of error answers; a good answer is passed on as it comes
   */
  record Request(String pathAndQuery, Map<String, String> headers, ReadLimit limit) {}

  /**
   * Asks the instance that has the timeline.
   *
   * @param request sent as it is
   * @param here why this instance has no value; it is the answer if the others have none either
   * @return a future that never fails
   */
  CompletableFuture<PeerAnswer> ask(TimelineId timeline, Request request, ReadAnswer.None<?> here) {
    return peers
        .view()
        .fold(
            view -> ask(view, timeline, request, here),
            none -> CompletableFuture.completedFuture(own(none)));
  }

  private static PeerAnswer own(ReadAnswer.None<?> none) {
    return new PeerAnswer.NoReply(Errors.of(none));
  }

  private CompletableFuture<PeerAnswer> ask(
      Peers.View view, TimelineId timeline, Request request, ReadAnswer.None<?> here) {
    if (here instanceof ReadAnswer.NotReached<?> && !view.hasStandbys()) {
      return CompletableFuture.completedFuture(own(here)); // no other instance has a later LSN
    }
    String owner;
    synchronized (owners) {
      owner = owners.get(timeline);
    }
    if (owner == null || !view.others().contains(owner)) {
      return askAll(view, timeline, request, here);
    }
    return get(owner, request)
        .thenCompose(
            answer ->
                answer.isOpen(view.hasStandbys())
                    ? askAll(view, timeline, request, here)
                    : CompletableFuture.completedFuture(answer));
  }

  /** Asks all at once; the first that knows the timeline ends it. */
  private CompletableFuture<PeerAnswer> askAll(
      Peers.View view, TimelineId timeline, Request request, ReadAnswer.None<?> here) {
    CompletableFuture<PeerAnswer> first = new CompletableFuture<>();
    List<CompletableFuture<PeerAnswer>> answers = new ArrayList<>();
    for (String other : view.others()) {
      answers.add(
          get(other, request)
              .thenApply(
                  answer -> {
                    if (!answer.isOpen(view.hasStandbys())) {
                      if (first.complete(answer)) {
                        remember(timeline, other);
                      } else {
                        answer.discard();
                      }
                    }
                    return answer;
                  }));
    }
    CompletableFuture<Boolean> unused =
        CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
            .handle(
                (all, failure) ->
                    first.complete(
                        failure != null
                            ? new PeerAnswer.NoReply(Errors.of(failure))
                            : withoutValue(
                                view,
                                answers.stream().map(CompletableFuture::join).toList(),
                                here)));
    return first;
  }

  private CompletableFuture<PeerAnswer> get(String address, Request request) {
    return client.get(
        address,
        request.pathAndQuery(),
        request.headers(),
        request.limit(),
        /* isStreamed= */ true);
  }

  private void remember(TimelineId timeline, String owner) {
    synchronized (owners) {
      owners.remove(timeline);
      owners.put(timeline, owner);
    }
  }

  /** Returns the answer if none has a value. "Not found" is only known when all were asked. */
  private static PeerAnswer withoutValue(
      Peers.View view, List<PeerAnswer> answers, ReadAnswer.None<?> here) {
    Optional<PeerAnswer> furthest = furthest(answers, here);
    if (furthest.isPresent()) {
      return furthest.get();
    }
    for (PeerAnswer answer : answers) {
      if (answer instanceof PeerAnswer.NoReply) {
        return answer;
      }
    }
    if (here instanceof ReadAnswer.NotReady<?>) {
      return own(here);
    }
    for (PeerAnswer answer : answers) {
      if (answer instanceof PeerAnswer.Reply reply && reply.is(Errors.Code.NOT_READY)) {
        return answer;
      }
    }
    return own(view.missing().isEmpty() ? here : missing(view));
  }

  /**
   * Returns the answer of the instance whose last LSN of the timeline is the highest; empty if no
   * instance has the timeline.
   */
  private static Optional<PeerAnswer> furthest(List<PeerAnswer> answers, ReadAnswer.None<?> here) {
    PeerAnswer furthest = here instanceof ReadAnswer.NotReached<?> ? own(here) : null;
    Lsn lastLsn =
        here instanceof ReadAnswer.NotReached<?> notReached ? notReached.lastLsn() : Lsn.INVALID;
    for (PeerAnswer answer : answers) {
      if (answer instanceof PeerAnswer.Reply reply && reply.is(Errors.Code.LSN_NOT_REACHED)) {
        Lsn there = lastLsn(reply);
        if (furthest == null || there.isAfter(lastLsn)) {
          furthest = answer;
          lastLsn = there;
        }
      }
    }
    return Optional.ofNullable(furthest);
  }

  private static Lsn lastLsn(PeerAnswer.Reply notReached) {
    Answers.Failure failure = notReached.failure();
    return failure == null || failure.lastLsn() == null
        ? Lsn.INVALID
        : Lsn.parse(failure.lastLsn());
  }

  private static ReadAnswer.NotReady<?> missing(Peers.View view) {
    return new ReadAnswer.NotReady<>(
        "no instance is known to have these partitions; if all run, check that each has its own"
            + " advertised.http.address: partitions="
            + view.missing());
  }

  /**
   * Adds the timelines of all other instances to those of this one. Of a timeline that several
   * have, because of standbys, the one whose last LSN is the highest counts.
   *
   * @param limit called before what the others answer is kept
   * @return a future that fails with an {@link ApiException} if an instance does not answer, or the
   *     job does not run, or no instance is known to have some partition: a list that lacks some
   *     would look like the whole
   */
  CompletableFuture<Answers.Timelines> timelines(Answers.Timelines here, ReadLimit limit) {
    return peers
        .view()
        .fold(
            view ->
                view.missing().isEmpty()
                    ? timelines(view, here, limit)
                    : CompletableFuture.failedFuture(new ApiException(Errors.of(missing(view)))),
            none -> CompletableFuture.failedFuture(new ApiException(Errors.of(none))));
  }

  private CompletableFuture<Answers.Timelines> timelines(
      Peers.View view, Answers.Timelines here, ReadLimit limit) {
    List<CompletableFuture<PeerAnswer>> answers =
        view.others().stream()
            .map(
                other ->
                    client.get(
                        other,
                        "/v1/timelines?local=true",
                        /* headers= */ Map.of(),
                        limit,
                        /* isStreamed= */ false))
            .toList();
    return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .thenApply(done -> merged(here, answers.stream().map(CompletableFuture::join).toList()));
  }

  private static Answers.Timelines merged(Answers.Timelines ours, List<PeerAnswer> answers) {
    Map<String, Answers.Timeline> all = new TreeMap<>();
    ours.timelines().forEach(each -> add(all, each));
    answers.forEach(answer -> theirs(answer).timelines().forEach(each -> add(all, each)));
    return new Answers.Timelines(List.copyOf(all.values()));
  }

  private static void add(Map<String, Answers.Timeline> all, Answers.Timeline each) {
    all.merge(each.timeline(), each, Answers.Timeline::with);
  }

  private static Answers.Timelines theirs(PeerAnswer answer) {
    if (answer instanceof PeerAnswer.Reply reply) {
      if (reply.failure() != null) {
        throw new ApiException(reply.failure());
      }
      return reply.as(Answers.Timelines.class);
    }
    throw new ApiException(((PeerAnswer.NoReply) answer).why());
  }
}
