package io.walstrata.harness.servers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ThreadLocalRandom;

/** Loopback ports for servers that must know theirs before they start. */
public final class Ports {
  /*
   * Not port 0: the kernel would answer from the range it also takes client ports from, and a client
   * that keeps connecting to a stopped server there may get that very port and connect to
   * itself. Below 32768 Linux assigns none by itself.
   */
  private static final int LOWEST = 20_000;
  private static final int HIGHEST = 32_000;
  private static final int TRIES = 200;

  private Ports() {}

  /** Returns a port that was free on loopback just now. Another process may still take it. */
  public static int free() {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(false);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return port;
      } catch (IOException e) {
        // Taken: try another.
      }
    }
    throw new ServerException(
        "no free port on loopback: tried=" + TRIES + " range=" + LOWEST + ".." + HIGHEST);
  }

  /** Returns whether a process accepts connections on the loopback port. */
  static boolean isAccepting(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
