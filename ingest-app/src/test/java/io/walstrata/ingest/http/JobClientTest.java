package io.walstrata.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobClientTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int LIMIT = 100;

  private HttpServer server;
  private int status = 200;
  private String body = "";
  private volatile String asked = "";

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked = exchange.getRequestURI().toString();
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private JobClient.Reply get(String path) throws Exception {
    return new JobClient(url(), LONG, LONG, LIMIT).get(path);
  }

  private JobClient.Reply answered(int answerStatus, String answerBody) throws Exception {
    status = answerStatus;
    body = answerBody;
    return get(JobClient.TIMELINES);
  }

  @Test
  void goodAnswer_isRead_whateverElseItHas() throws Exception {
    JobClient.Reply reply = answered(200, "{\"timelines\":[],\"later\":1}");

    assertThat(reply.isOk()).isTrue();
    assertThat(reply.text()).isEqualTo("{\"timelines\":[],\"later\":1}");
    assertThat(reply.as(Answers.Timelines.class)).isEqualTo(new Answers.Timelines(List.of()));
    assertThat(asked).isEqualTo("/v1/timelines");
  }

  @Test
  void failure_hasACode() throws Exception {
    JobClient.Reply reply =
        answered(404, "{\"code\":\"timeline_not_found\",\"status\":404,\"message\":\"none\"}");

    assertThat(reply.isOk()).isFalse();
    assertThat(reply.failure().message()).isEqualTo("none");
    assertThat(reply.code()).contains(Errors.Code.TIMELINE_NOT_FOUND);
  }

  @Test
  void failureOfANewerJob_hasNoCodeThatIsKnown() throws Exception {
    assertThat(answered(418, "{\"code\":\"teapot\",\"status\":418,\"message\":\"no\"}").code())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"<html>", "{}", ""})
  void answerOfSomethingElse_isNoFailureOfAJob(String text) throws Exception {
    JobClient.Reply reply = answered(404, text);

    assertThatIOException()
        .isThrownBy(reply::failure)
        .withMessage(
            "the answer is not a Walstrata job's: url=" + url() + "/v1/timelines, status=404");
  }

  @Test
  void answerAsLargeAsTheLimit_isTaken_andNoLargerOne() throws Exception {
    assertThat(answered(200, "x".repeat(LIMIT)).body()).hasSize(LIMIT);
    assertThatIOException()
        .isThrownBy(() -> answered(200, "x".repeat(LIMIT + 1)))
        .withMessage("the answer is too large: url=" + url() + "/v1/timelines, limitBytes=100");
  }

  @Test
  void noServer_isAnIoException() {
    server.stop(0);

    assertThatIOException().isThrownBy(() -> get(JobClient.STATUS));
  }

  @Test
  void paths_encodeWhatIsInThem() throws Exception {
    get(JobClient.page("-", "base/5/16384 1") + "?lsn=" + JobClient.encode("0/200"));
    assertThat(asked).isEqualTo("/v1/timelines/-/pages/base%2F5%2F16384%201?lsn=0%2F200");
    assertThat(JobClient.layers("a b")).isEqualTo("/v1/timelines/a%20b/layers");
  }

  @Test
  void url_withASlashAtItsEnd_isTheSame() {
    assertThat(new JobClient("http://h:1/", LONG, LONG).url(JobClient.READY))
        .hasToString("http://h:1/health/ready");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:8090", "ftp://x/", "http://", "http://a b/"})
  void url_notOfHttp_isRefused(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new JobClient(url, LONG, LONG))
        .withMessage("not an HTTP URL like http://127.0.0.1:8090: url=" + url);
  }
}
