package io.walstrata.layerstore;

import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.testkit.ManyLayers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads every layer of several stores; for a process that may open few files. */
final class FewFilesMain {
  static final TimelineId TIMELINE = new TimelineId(3, 4);

  private FewFilesMain() {}

  /**
   * @param args the number of layers of each store, and the stores' homes
   */
  public static void main(String[] args) throws Exception {
    int layers = Integer.parseInt(args[0]);
    StoreResources resources = StoreResources.create();
    List<LayerStore> stores = new ArrayList<>();
    for (String home : List.of(args).subList(1, args.length)) {
      Path ephemeral = Path.of(home, "ephemeral");
      stores.add(
          LayerStore.open(
              new LocalLayerHome(Path.of(home)), ephemeral, LayerStoreOptions.DEFAULTS, resources));
    }
    for (LayerStore store : stores) {
      for (long lsn = 1; lsn <= layers; lsn++) {
        ReconstructData page = store.get(TIMELINE, ManyLayers.key(lsn % 4), Lsn.of(lsn));
        check(page, lsn);
      }
    }
    for (LayerStore store : stores) {
      long[] entries = {0};
      LsnRange all = new LsnRange(Lsn.INVALID, Lsn.MAX);
      store.history(TIMELINE, ManyLayers.key(1), all, layers, entry -> ++entries[0] > 0);
      require(entries[0] == layers, "entries=" + entries[0]);
      List<ReconstructData> pages = new ArrayList<>();
      store.scan(TIMELINE, KeyRange.ALL, Lsn.of(layers), DroppedPages.SHOW, 9, pages::add);
      require(pages.size() == 4, "pages=" + pages.size());
      for (ReconstructData page : pages) {
        check(page, layers);
      }
    }
    for (LayerStore store : stores) {
      store.close();
    }
    resources.close();
    System.out.println("all layers were read: stores=" + stores.size() + ", layers=" + layers);
  }

  private static void check(ReconstructData page, long lsn) {
    var base = page.base();
    require(
        base != null && Arrays.equals(base.value().bytes(), ManyLayers.value(lsn)),
        "wrong page: lsn=" + lsn);
  }

  private static void require(boolean isRight, String what) {
    if (!isRight) {
      throw new IllegalStateException(what);
    }
  }
}
