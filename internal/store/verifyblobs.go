package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
)

// blobs compares every blob with its name, and the blobs with the rows that
// refer to them. Small blobs are rows and were compared with those.
func (v *verifier) blobs(ctx context.Context) error {
	dir := v.o.FS.PathJoin(v.dir, blobDir)
	names, err := v.o.FS.List(dir)
	if err != nil {
		return err
	}
	slices.Sort(names)
	there := map[Digest]bool{}
	for i, name := range names {
		v.o.Progress(Progress{Stage: "blobs", Done: int64(i), Total: int64(len(names))})
		d, err := ParseDigest(name)
		if err != nil {
			continue // the directory of unfinished ones
		}
		there[d] = true
		if err := v.blob(ctx, v.o.FS.PathJoin(dir, name), d); err != nil {
			return err
		}
	}
	for d, size := range v.inline {
		there[d] = true
		v.count(d, size)
	}
	v.missingBlobs(there)
	return nil
}

// blob reads one blob.
func (v *verifier) blob(ctx context.Context, file string, d Digest) error {
	f, err := v.o.FS.Open(file)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, &contextReader{ctx, f})
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	v.rep.Bytes += n
	v.count(d, n)
	if Digest(sum.Sum(nil)) != d {
		v.inFile(path.Join(blobDir, d.String()), -1, "the content is not what its name says")
	}
	return nil
}

// count counts a blob of n bytes.
func (v *verifier) count(d Digest, n int64) {
	v.rep.Blobs++
	if _, ok := v.referenced[d]; !ok && v.complete {
		v.rep.Orphans++
		v.rep.OrphanBytes += n
	}
}

func (v *verifier) missingBlobs(there map[Digest]bool) {
	var missing []Digest
	for d := range v.referenced {
		if !there[d] {
			missing = append(missing, d)
		}
	}
	slices.SortFunc(missing, func(a, b Digest) int { return strings.Compare(string(a[:]), string(b[:])) })
	for _, d := range missing {
		part := v.referenced[d]
		v.found(Problem{File: path.Join(blobDir, d.String()), Part: &part, What: "a row refers to this blob, and it is not there"})
	}
}
