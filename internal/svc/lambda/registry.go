package lambda

import (
	"cmp"
	"slices"
	"sync"

	"stormbus/internal/arn"
)

// registry holds the functions that exist. It is derived from the store:
// changed when a change is durable, and built anew at the start.
type registry struct {
	// mu guards the maps.
	mu    sync.RWMutex
	byRef map[ref]*Function
	byID  map[uint32]*Function
}

func newRegistry() registry {
	return registry{byRef: map[ref]*Function{}, byID: map[uint32]*Function{}}
}

func (r *registry) get(k ref) (*Function, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	f, ok := r.byRef[k]
	return f, ok
}

func (r *registry) id(id uint32) (*Function, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	f, ok := r.byID[id]
	return f, ok
}

func (r *registry) put(f *Function) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byRef[f.ref()], r.byID[f.ID] = f, f
}

func (r *registry) remove(f *Function) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.byID, f.ID)
	delete(r.byRef, f.ref())
}

// in returns the functions of an account in a region, by name.
func (r *registry) in(scope arn.Scope) []*Function {
	var list []*Function
	r.mu.RLock()
	for k, f := range r.byRef {
		if k.scope == scope {
			list = append(list, f)
		}
	}
	r.mu.RUnlock()
	slices.SortFunc(list, func(a, b *Function) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// reserved returns how much concurrency the functions of an account in a region
// have for themselves, that of except not counted.
func (r *registry) reserved(scope arn.Scope, except uint32) (total int) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for k, f := range r.byRef {
		if k.scope == scope && f.Reserved != nil && f.ID != except {
			total += *f.Reserved
		}
	}
	return total
}

// uses reports whether a function has the zip file with a digest.
func (r *registry) uses(sha256 string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, f := range r.byID {
		if f.Code.SHA256 == sha256 {
			return true
		}
	}
	return false
}

// all returns every function, in no order.
func (r *registry) all() []*Function {
	r.mu.RLock()
	defer r.mu.RUnlock()
	list := make([]*Function, 0, len(r.byID))
	for _, f := range r.byID {
		list = append(list, f)
	}
	return list
}
