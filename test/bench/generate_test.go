package bench

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"stormbus/internal/board"
	"stormbus/internal/board/boardtest"
	"stormbus/internal/codegen"
	"stormbus/internal/plan"
)

// generated makes the files of a big board: read it, plan it, generate.
func generated(b *testing.B, text []byte) []codegen.File {
	b.Helper()
	f, err := board.Parse("storm.yaml", text)
	if err != nil {
		b.Fatal(err)
	}
	p, err := plan.Of(f.Board(), func(string) ([]byte, error) { return nil, errors.New("no file is named") })
	if err != nil {
		b.Fatal(err)
	}
	files, err := codegen.Files(f.Board(), p)
	if err != nil {
		b.Fatal(err)
	}
	return files
}

// writeFiles compares a folder with the files and writes what is to be written. It
// returns how many files that were.
func writeFiles(b *testing.B, dir string, files []codegen.File) int {
	b.Helper()
	changes, err := codegen.Compare(os.DirFS(dir), files)
	if err != nil {
		b.Fatal(err)
	}
	written := 0
	for _, c := range changes {
		if c.Action.Pending() {
			written++
		}
	}
	if err := codegen.Write(dir, files, changes); err != nil {
		b.Fatal(err)
	}
	return written
}

// BenchmarkGenerate is what `stormbus generate` does with a big board in an empty
// folder.
func BenchmarkGenerate(b *testing.B) {
	text := boardtest.Big(bigEvents, bigServices)
	written := 0
	for b.Loop() {
		b.StopTimer()
		dir := b.TempDir()
		b.StartTimer()
		written = writeFiles(b, dir, generated(b, text))
	}
	b.ReportMetric(float64(written), "files")
}

// BenchmarkGenerateAgain is what it does when nothing changed.
func BenchmarkGenerateAgain(b *testing.B) {
	text := boardtest.Big(bigEvents, bigServices)
	dir := b.TempDir()
	writeFiles(b, dir, generated(b, text))
	for b.Loop() {
		if n := writeFiles(b, dir, generated(b, text)); n != 0 {
			b.Fatalf("%d files were written again", n)
		}
	}
	if _, err := fs.Stat(os.DirFS(dir), codegen.LockFile); err != nil {
		b.Fatal(err)
	}
}
