// Package ruler compares package pattern with event-ruler, the open
// implementation of the language: what they answer, and what that costs. It
// needs a Java development kit and Maven, which fetches event-ruler; without them
// its tests are skipped with a message.
package ruler

import (
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed java
var sources embed.FS

// ErrNoJava says that the machine has not what it takes to run event-ruler.
var ErrNoJava = errors.New("no Java development kit with Maven on this machine: install java, javac and mvn")

// Command returns a command that runs Oracle.java with some arguments. The first
// use on a machine fetches event-ruler and compiles Oracle.java into the user's
// cache.
func Command(ctx context.Context, args ...string) (*exec.Cmd, error) {
	for _, tool := range []string{"java", "javac", "mvn"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, fmt.Errorf("%w (%w)", ErrNoJava, err)
		}
	}
	dir, err := prepare(ctx)
	if err != nil {
		return nil, fmt.Errorf("prepare event-ruler: %w", err)
	}
	// The same collector and heap everywhere make figures comparable.
	java := []string{"-XX:+UseSerialGC", "-Xmx3g", "-cp", classPath(dir), "Oracle"}
	return exec.CommandContext(ctx, "java", append(java, args...)...), nil
}

func classPath(dir string) string {
	return dir + string(os.PathListSeparator) + filepath.Join(dir, "jars", "*")
}

// prepare returns the directory with event-ruler and the compiled oracle. It is
// named after what it is made of, and complete as soon as it is there.
func prepare(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, name := range []string{"java/pom.xml", "java/Oracle.java"} {
		text, err := sources.ReadFile(name)
		if err != nil {
			return "", err
		}
		sum.Write(text)
	}
	parent := filepath.Join(cache, "stormbus-test")
	dir := filepath.Join(parent, fmt.Sprintf("ruler-%x", sum.Sum(nil)[:8]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", err
	}
	made, err := os.MkdirTemp(parent, "ruler-new-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(made)
	if err := build(ctx, made); err != nil {
		return "", err
	}
	if err := os.Rename(made, dir); err != nil {
		if _, other := os.Stat(dir); other != nil { // nobody else was faster
			return "", err
		}
	}
	return dir, nil
}

func build(ctx context.Context, dir string) error {
	if err := os.CopyFS(dir, sources); err != nil {
		return err
	}
	fetch := []string{
		"-q", "-B", "-f", filepath.Join(dir, "java", "pom.xml"),
		"dependency:copy-dependencies", "-DoutputDirectory=" + filepath.Join(dir, "jars"),
	}
	if err := run(ctx, "mvn", append([]string{"-o"}, fetch...)...); err != nil {
		// It is not all there yet, so Maven has to ask elsewhere.
		if err := run(ctx, "mvn", fetch...); err != nil {
			return err
		}
	}
	return run(ctx, "javac", "-cp", classPath(dir), "-d", dir, filepath.Join(dir, "java", "Oracle.java"))
}

func run(ctx context.Context, name string, args ...string) error {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}
