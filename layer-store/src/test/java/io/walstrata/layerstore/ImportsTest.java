package io.walstrata.layerstore;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Imports go one way. From the top: streams, door, write, read, timeline, layer, memory, manifest,
 * format, local home, file, cursor, home, redo, page. All of them may use the values of the door:
 * results and settings that use nothing internal themselves. And all may use retry, which imports
 * nothing.
 */
class ImportsTest {
  private static final String ROOT = "io.walstrata.layerstore";
  private static final String INTERNAL = ROOT + ".internal";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  /** Classes of the root package that use internal ones, themselves or through each other. */
  private static final Set<JavaClass> DOOR = door();

  private static Set<JavaClass> door() {
    Set<JavaClass> door = new HashSet<>();
    int before;
    do {
      before = door.size();
      for (JavaClass type : CLASSES) {
        if (type.getPackageName().equals(ROOT) && usesInternal(type, door)) {
          door.add(outermost(type));
        }
      }
    } while (door.size() > before);
    return door;
  }

  private static JavaClass outermost(JavaClass type) {
    return type.getEnclosingClass().map(ImportsTest::outermost).orElse(type);
  }

  private static boolean usesInternal(JavaClass type, Set<JavaClass> door) {
    return type.getDirectDependenciesFromSelf().stream()
        .map(each -> each.getTargetClass().getBaseComponentType())
        .anyMatch(
            each -> each.getPackageName().startsWith(INTERNAL) || door.contains(outermost(each)));
  }

  private static DescribedPredicate<JavaClass> ofRoot(String description, boolean isDoor) {
    return DescribedPredicate.describe(
        description,
        type -> type.getPackageName().equals(ROOT) && DOOR.contains(outermost(type)) == isDoor);
  }

  private static LayeredArchitecture packages() {
    return layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage(ROOT + "..")
        .layer("streams")
        .definedBy(ROOT + ".streams..")
        .layer("door")
        .definedBy(ofRoot("door", true))
        .layer("values")
        .definedBy(ofRoot("values", false))
        .layer("write")
        .definedBy(INTERNAL + ".write..")
        .layer("read")
        .definedBy(INTERNAL + ".read..")
        .layer("timeline")
        .definedBy(INTERNAL + ".timeline..")
        .layer("layer")
        .definedBy(INTERNAL + ".layer..")
        .layer("memory")
        .definedBy(INTERNAL + ".memory..")
        .layer("manifest")
        .definedBy(INTERNAL + ".manifest..")
        .layer("format")
        .definedBy(INTERNAL + ".format..")
        .layer("local home")
        .definedBy(INTERNAL + ".home.local..")
        .layer("file")
        .definedBy(INTERNAL + ".file..")
        .layer("cursor")
        .definedBy(INTERNAL + ".cursor..")
        .layer("home")
        .definedBy(ROOT + ".home..")
        .layer("page")
        .definedBy(ROOT + ".page..")
        .layer("redo")
        .definedBy(ROOT + ".redo..")
        .layer("retry")
        .definedBy(ROOT + ".retry..")
        .layer("functions")
        .definedBy(INTERNAL)
        .ensureAllClassesAreContainedInArchitecture();
  }

  private static final LayeredArchitecture ONE_WAY =
      packages()
          .whereLayer("streams")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("door")
          .mayOnlyBeAccessedByLayers("streams")
          .whereLayer("write")
          .mayOnlyBeAccessedByLayers("streams", "door")
          .whereLayer("read")
          .mayOnlyBeAccessedByLayers("door", "write")
          .whereLayer("timeline")
          .mayOnlyBeAccessedByLayers("door", "write", "read")
          .whereLayer("layer")
          .mayOnlyBeAccessedByLayers("door", "write", "read", "timeline")
          .whereLayer("memory")
          .mayOnlyBeAccessedByLayers("streams", "door", "write", "read", "timeline", "layer")
          .whereLayer("manifest")
          .mayOnlyBeAccessedByLayers("door", "write")
          .whereLayer("format")
          .mayOnlyBeAccessedByLayers("door", "write", "timeline", "layer", "memory", "manifest")
          .whereLayer("local home") // from home only by LayerHomes, which makes it
          .mayOnlyBeAccessedByLayers("home", "streams", "door")
          .whereLayer("file")
          .mayOnlyBeAccessedByLayers(
              "streams", "door", "write", "timeline", "layer", "memory", "local home")
          .whereLayer("cursor")
          .mayOnlyBeAccessedByLayers("door", "read", "layer", "memory", "format")
          .whereLayer("redo")
          .mayOnlyBeAccessedByLayers("streams", "door", "values", "read")
          .whereLayer("redo")
          .mayOnlyAccessLayers("page")
          .whereLayer("functions")
          .mayNotAccessAnyLayer()
          .whereLayer("retry")
          .mayNotAccessAnyLayer();

  @Test
  void imports_areOneWay() {
    ONE_WAY.check(CLASSES);
  }

  @Test
  void engine_doesNotKnowKafka() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".streams..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.kafka..", "org.apache.avro..")
        .check(CLASSES);
  }

  @Test
  void onlyThreeRooms_openFiles() {
    // java.io.File itself is a name, and Kafka Streams gives directories as one.
    noClasses()
        .that()
        .resideOutsideOfPackages(
            INTERNAL + ".file..", INTERNAL + ".home.local..", INTERNAL + ".memory..")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.nio.file.Files")
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("java.nio.channels..")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.io\\.(File.+|RandomAccessFile)")
        .check(CLASSES);
  }

  @Test
  void rules_doFindViolations() {
    // The same packages with the arrows turned round: were nothing imported, this would pass too.
    assertThatThrownBy(
            () -> packages().whereLayer("page").mayNotBeAccessedByAnyLayer().check(CLASSES))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(
            () ->
                noClasses()
                    .that()
                    .resideInAPackage(ROOT + ".streams..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.apache.kafka..")
                    .check(CLASSES))
        .isInstanceOf(AssertionError.class);
  }
}
