package io.walstrata.layerstore.streams;

import static io.walstrata.layerstore.streams.TextWal.put;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.FreezePolicy;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicCheckTest {
  @TempDir Path directory;
  private LayerStoresOptions options =
      StoreHarness.options(Path.of("unused"), FreezePolicy.everyOffsets(1));

  @BeforeEach
  void setUp() {
    options = StoreHarness.options(directory.resolve("layers"), FreezePolicy.everyOffsets(4));
  }

  /** Layers that cover offset 3. */
  private void makeLayers() throws IOException, InterruptedException {
    try (StoreHarness harness = new StoreHarness(options, directory.resolve("task"))) {
      TestLog log = new TestLog();
      for (int i = 1; i <= 5; i++) {
        log.add(put(1, 7, i * 100L, "v" + i));
      }
      harness.process(log.records()).flush();
    }
  }

  @Test
  void check_noLayers_doesNotEvenAsk() {
    assertThatCode(() -> TopicCheck.check(failing(new TimeoutException("asked")), options))
        .doesNotThrowAnyException();
  }

  @Test
  void check_topicGoesOnWhereTheLayersEnd_isFine() throws Exception {
    makeLayers();
    TopicCheck.check(topic(1, 0, 5), options);
    TopicCheck.check(topic(1, 4, 5), options);
    TopicCheck.check(topic(1, 0, 4), options);
  }

  @Test
  void check_retentionRanAhead_isRefusedWithBothOffsets() throws Exception {
    makeLayers();
    assertThatThrownBy(() -> TopicCheck.check(topic(1, 5, 9), options))
        .isInstanceOf(HistoryGapException.class)
        .hasMessageContaining("topic=wal, partition=0, lastCoveredOffset=3, firstOffsetInTopic=5");
  }

  @Test
  void check_topicIsShorterThanTheLayers_isRefused() throws Exception {
    makeLayers();
    assertThatThrownBy(() -> TopicCheck.check(topic(1, 0, 3), options))
        .isInstanceOf(HistoryGapException.class)
        .hasMessageContaining("lastCoveredOffset=3, endOfTopic=3")
        .hasMessageContaining("made anew");
  }

  @Test
  void check_topicIsGone_isRefused() throws Exception {
    makeLayers();
    Admin admin = failing(new UnknownTopicOrPartitionException("no such topic"));
    assertThatThrownBy(() -> TopicCheck.check(admin, options))
        .isInstanceOf(HistoryGapException.class)
        .hasMessageContaining("endOfTopic=0");
  }

  @Test
  void check_brokerDoesNotAnswer_saysSo() throws Exception {
    makeLayers();
    assertThatThrownBy(() -> TopicCheck.check(failing(new TimeoutException("late")), options))
        .isInstanceOf(KafkaException.class)
        .hasMessageContaining("cannot compare")
        .hasRootCauseMessage("late");
  }

  private static Admin topic(int partitions, long first, long end) {
    List<TopicPartitionInfo> infos =
        IntStream.range(0, partitions)
            .mapToObj(p -> new TopicPartitionInfo(p, null, List.of(), List.of()))
            .toList();
    return admin(
        KafkaFuture.completedFuture(new TopicDescription("wal", false, infos)), first, end);
  }

  private static Admin failing(RuntimeException failure) {
    KafkaFutureImpl<TopicDescription> future = new KafkaFutureImpl<>();
    future.completeExceptionally(failure);
    return admin(future, 0, 0);
  }

  /** An admin client that knows the two questions of the check. */
  private static Admin admin(KafkaFuture<TopicDescription> topic, long first, long end) {
    return (Admin)
        Proxy.newProxyInstance(
            TopicCheckTest.class.getClassLoader(),
            new Class<?>[] {Admin.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "describeTopics" -> new Description(Map.of("wal", topic));
                  case "listOffsets" -> offsets((Map<?, ?>) arguments[0], first, end);
                  default -> throw new UnsupportedOperationException(method.toString());
                });
  }

  private static ListOffsetsResult offsets(Map<?, ?> questions, long first, long end) {
    Map<TopicPartition, KafkaFuture<ListOffsetsResultInfo>> answers = new HashMap<>();
    questions.forEach(
        (partition, spec) ->
            answers.put(
                (TopicPartition) partition,
                KafkaFuture.completedFuture(
                    new ListOffsetsResultInfo(
                        spec instanceof OffsetSpec.EarliestSpec ? first : end,
                        -1,
                        Optional.empty()))));
    return new ListOffsetsResult(answers);
  }

  private static final class Description extends DescribeTopicsResult {
    Description(Map<String, KafkaFuture<TopicDescription>> topics) {
      super(null, topics);
    }
  }
}
