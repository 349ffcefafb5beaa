package io.walstrata.layerstore.testkit.faultfs;

import java.util.Map;
import java.util.TreeMap;

/** A directory, with the names that processes see in it. */
final class DiskDirectory implements DiskNode {
  final Map<String, DiskNode> names = new TreeMap<>();
}
