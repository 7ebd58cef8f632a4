package project

import (
	"archive/zip"
	"bytes"
	"fmt"
	"time"
)

// maxZipped is how large a package may be that is sent with a call, in bytes:
// Lambda's limit.
const maxZipped = 52_428_800

// packed is the time of every file of a package, the first that the format
// knows: the same files give the same bytes.
var packed = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// zip returns the bundle as a deployment package.
func (b *bundle) zip() ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range b.files {
		h := &zip.FileHeader{Name: f.path, Method: zip.Deflate, Modified: packed}
		h.SetMode(0o644)
		if f.executable {
			h.SetMode(0o755)
		}
		to, err := w.CreateHeader(h)
		if err == nil {
			_, err = to.Write(f.content)
		}
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", f.path, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	if out.Len() > maxZipped {
		return nil, fmt.Errorf("its package has %d MB, and Lambda takes %d MB; move large files out of the folder", out.Len()>>20, maxZipped>>20)
	}
	return out.Bytes(), nil
}
