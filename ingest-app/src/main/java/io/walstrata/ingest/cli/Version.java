package io.walstrata.ingest.cli;

import picocli.CommandLine.IVersionProvider;

/** The version in the jar's manifest. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "walstrata " + number(), "Java " + System.getProperty("java.runtime.version")
    };
  }

  /** Returns the version, or {@code development} when the classes do not come from a jar. */
  static String number() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
