package console

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"

	"stormbus/internal/store"
	"stormbus/internal/telemetry"
)

// Store is what the console reads statistics from and makes backups of.
type Store interface {
	Checkpoint(ctx context.Context, dir string) (store.Snapshot, error)
	Stats(ctx context.Context, o store.Offline) (store.Stats, error)
}

// Backup asks for a backup of the running server's store. Both are paths on
// the server's machine.
type Backup struct {
	Data string `json:"data"` // the data directory that the caller means
	To   string `json:"to"`   // the directory to make; its parent must be there
}

// maxRequest bounds the body of a request, in bytes.
const maxRequest = 64 << 10

// storeStats counts what is in the store.
func (c *console) storeStats(w http.ResponseWriter, r *http.Request) {
	if !c.isMeant(w, r, r.URL.Query().Get("data")) {
		return
	}
	st, err := c.Store.Stats(r.Context(), store.Offline{Spaces: c.Spaces})
	if err != nil {
		c.Logger.ErrorContext(r.Context(), "count the store", telemetry.KeyError, err)
		c.fail(w, r, http.StatusInternalServerError, "the store could not be counted: "+err.Error())
		return
	}
	c.answer(w, r, http.StatusOK, st)
}

// storeBackup writes a consistent copy of the store. It makes directories where
// the caller says, so the caller must be on this machine.
func (c *console) storeBackup(w http.ResponseWriter, r *http.Request) {
	if !isLocal(r) {
		c.fail(w, r, http.StatusForbidden, "a backup can only be asked for on the machine of the server")
		return
	}
	var in Backup
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	if err != nil || !filepath.IsAbs(in.To) {
		c.fail(w, r, http.StatusBadRequest, `want {"data": "...", "to": "..."} with absolute paths`)
		return
	}
	if !c.isMeant(w, r, in.Data) {
		return
	}
	snap, err := c.Store.Checkpoint(r.Context(), in.To)
	switch {
	case errors.Is(err, fs.ErrExist):
		c.fail(w, r, http.StatusConflict, in.To+" exists already; name a new directory")
	case err != nil:
		c.Logger.ErrorContext(r.Context(), "back up the store", telemetry.KeyError, err)
		c.fail(w, r, http.StatusInternalServerError, "the store could not be copied: "+err.Error())
	default:
		c.Logger.InfoContext(r.Context(), "store backed up", "to", in.To)
		c.answer(w, r, http.StatusOK, snap)
	}
}

// isMeant reports whether the caller means this server's data directory, and
// answers if not: several servers may run on one machine.
func (c *console) isMeant(w http.ResponseWriter, r *http.Request, data string) bool {
	ours, err := os.Stat(c.DataDir)
	if err == nil {
		var theirs os.FileInfo
		if theirs, err = os.Stat(data); err == nil && os.SameFile(ours, theirs) {
			return true
		}
	}
	c.fail(w, r, http.StatusConflict, "this server keeps its data in "+c.DataDir+", not in "+data+"; name the right one with --endpoint-url")
	return false
}

// isLocal reports whether the request comes from this machine and not through
// a proxy.
func isLocal(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	forwarded := r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != ""
	return err == nil && addr.Unmap().IsLoopback() && !forwarded
}
