/* A hashed timer wheel: arming and cancelling are O(1), and finding the next slot in use is a scan of a small bitmap.
 * A timer further away than one revolution stays in its slot and is looked at once per revolution. */
#include "config.h"
#include "net/net-private.h"

#define SLOT(tick) ((guint) ((tick) & (NET_WHEEL_SLOTS - 1)))

static gint64
tick_at_or_after (gint64 us)
{
  return us / NET_TICK_US + (us % NET_TICK_US > 0);
}

static void
link_timer (NetTimer **head, NetTimer *timer)
{
  timer->next = *head;
  timer->self = head;
  if (timer->next != NULL)
    timer->next->self = &timer->next;
  *head = timer;
}

static void
unlink_timer (NetTimer *timer)
{
  *timer->self = timer->next;
  if (timer->next != NULL)
    timer->next->self = timer->self;
  timer->next = NULL;
  timer->self = NULL;
}

void
net_wheel_init (NetWheel *wheel, gint64 now_us)
{
  memset (wheel, 0, sizeof *wheel);
  wheel->tick = now_us / NET_TICK_US;
}

void
net_wheel_arm (NetWheel *wheel, NetTimer *timer, gint64 due_us)
{
  /* A slot of the past, or of the tick being run, would be visited a whole revolution late. */
  gint64 tick = MAX (tick_at_or_after (due_us), wheel->tick + 1);
  guint slot = SLOT (tick);

  net_timer_cancel (timer);
  timer->due_us = MAX (due_us, 1);
  link_timer (&wheel->slots[slot], timer);
  wheel->used[slot / 64] |= G_GUINT64_CONSTANT (1) << (slot % 64);
}

void
net_timer_cancel (NetTimer *timer)
{
  if (timer->self != NULL)
    unlink_timer (timer);
  timer->due_us = 0;
}

static void
run_slot (NetWheel *wheel, NetWorker *worker, guint slot, gint64 now_us)
{
  NetTimer *list = wheel->slots[slot];

  /* Detached first: what fires may arm and cancel any timer, its neighbours here included. */
  wheel->slots[slot] = NULL;
  wheel->used[slot / 64] &= ~(G_GUINT64_CONSTANT (1) << (slot % 64));
  if (list != NULL)
    list->self = &list;
  while (list != NULL)
    {
      NetTimer *timer = list;

      unlink_timer (timer);
      if (timer->due_us <= now_us)
        {
          timer->due_us = 0;
          timer->fired (timer, worker);
        }
      else
        {
          link_timer (&wheel->slots[slot], timer);
          wheel->used[slot / 64] |= G_GUINT64_CONSTANT (1) << (slot % 64);
        }
    }
}

void
net_wheel_advance (NetWheel *wheel, NetWorker *worker, gint64 now_us)
{
  gint64 now = now_us / NET_TICK_US;
  gint64 first = wheel->tick + 1;

  if (now < first)
    return;
  /* After a long sleep one revolution visits every slot. */
  first = MAX (first, now - NET_WHEEL_SLOTS + 1);
  wheel->tick = now;
  for (gint64 tick = first; tick <= now; tick++)
    {
      guint slot = SLOT (tick);

      if (wheel->used[slot / 64] & (G_GUINT64_CONSTANT (1) << (slot % 64)))
        run_slot (wheel, worker, slot, now_us);
    }
}

gint64
net_wheel_next_us (const NetWheel *wheel)
{
  guint first = SLOT (wheel->tick + 1);

  for (guint i = 0; i <= NET_WHEEL_SLOTS / 64; i++)
    {
      guint word = (first / 64 + i) % (NET_WHEEL_SLOTS / 64);
      guint64 bits = wheel->used[word];
      guint slot;

      if (i == 0)
        bits &= ~G_GUINT64_CONSTANT (0) << (first % 64);
      else if (i == NET_WHEEL_SLOTS / 64)
        bits &= ~(~G_GUINT64_CONSTANT (0) << (first % 64));
      if (bits == 0)
        continue;
      slot = word * 64 + (guint) __builtin_ctzll (bits);
      return (wheel->tick + 1 + ((slot - first) & (NET_WHEEL_SLOTS - 1))) * NET_TICK_US;
    }
  return -1;
}
