package events

import (
	"sync"

	"stormbus/internal/bus"
)

// registry is what the hot path and the hooks of Updates need to know. It is
// derived from the store: changed when a change is durable, and built anew at
// the start.
type registry struct {
	// mu guards the maps.
	mu    sync.RWMutex
	buses map[busRef]bus.BusID
	arns  map[string]busRef
	rules map[uint32]bus.Rule // as the data plane sees them
}

func newRegistry() registry {
	return registry{buses: map[busRef]bus.BusID{}, arns: map[string]busRef{}, rules: map[uint32]bus.Rule{}}
}

func (r *registry) putBus(b *eventBus) {
	ref := b.ref()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.buses[ref] = b.ID
	r.arns[ref.arn().String()] = ref
}

func (r *registry) removeBus(ref busRef) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.buses, ref)
	delete(r.arns, ref.arn().String())
}

// bus returns the id of a bus, 0 if it does not exist.
func (r *registry) bus(ref busRef) bus.BusID {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.buses[ref]
}

// byARN returns the bus that an ARN names, if it exists.
func (r *registry) byARN(text string) (busRef, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	ref, ok := r.arns[text]
	return ref, ok
}

// setRule makes a rule apply as it is now. It is called at the start and from
// hooks of Updates, which run one after another.
func (s *Service) setRule(r bus.Rule) {
	s.known.mu.Lock()
	s.known.rules[r.ID] = r
	s.known.mu.Unlock()
	s.bus.SetRule(r)
}

// changeRule changes a rule that applies already. It is called from hooks only.
func (s *Service) changeRule(id uint32, change func(*bus.Rule)) {
	s.known.mu.RLock()
	r := s.known.rules[id]
	s.known.mu.RUnlock()
	change(&r)
	s.setRule(r)
}

// removeRule makes a rule apply no longer. It is called from hooks only.
func (s *Service) removeRule(id uint32) {
	s.known.mu.Lock()
	delete(s.known.rules, id)
	s.known.mu.Unlock()
	s.bus.RemoveRule(id)
}
