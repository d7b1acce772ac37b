/*
 * A connection that is handed back, at the size of a small exploration: sends, a wire, a peer that acknowledges,
 * data that arrives and is indicated. For SPIN, as a yardstick of states a second; nothing is concluded from it.
 */
#define SENDS 2
#define BYTES 8
#define MOVES 12

byte moves, posted, sent, got, acked, arrived, indicated, window = BYTES;
byte begins[SENDS], ends[SENDS], completed[SENDS];
bool asked, pending, fin, told, terminating, handed_back;
byte given_una, given_nxt, given_max, head, tail;


active proctype world()
{
    byte k;
end_runs:
    do
    :: atomic { moves < MOVES && !terminating && posted < SENDS ->
        moves++;
        if
        :: posted > 0 -> begins[posted] = ends[posted - 1]
        :: else -> begins[posted] = 0
        fi;
        ends[posted] = begins[posted] + 2;
        posted++ }
    :: atomic { moves < MOVES && !handed_back && posted > 0 && sent < ends[posted - 1] && sent - acked < window ->
        moves++; sent++ }
    :: atomic { moves < MOVES && got < sent -> moves++; got++ }
    :: atomic { moves < MOVES && acked < got && !handed_back ->
        moves++; acked++;
        k = 0;
        do
        :: k < posted -> if :: ends[k] <= acked -> completed[k] = 1 :: else -> skip fi; k++
        :: else -> break
        od;
        k = 0 }
    :: atomic { moves < MOVES && !handed_back -> moves++; window = (window == BYTES -> 1 : BYTES) }
    :: atomic { moves < MOVES && arrived < BYTES && !fin -> moves++; arrived++; 
        if
        :: pending -> indicated = arrived; pending = 0
        :: else -> skip
        fi }
    :: atomic { moves < MOVES && !pending && !terminating && !asked -> moves++; pending = 1; asked = 1 }
    :: atomic { moves < MOVES && indicated < arrived && !handed_back -> moves++; indicated = arrived }
    :: atomic { moves < MOVES && !fin -> moves++; fin = 1 }
    :: atomic { moves < MOVES && fin && !told && !handed_back -> moves++; told = 1 }
    :: atomic { moves < MOVES && !terminating -> moves++; terminating = 1 }
    :: atomic { terminating && !handed_back ->
        given_una = acked; given_nxt = sent; given_max = sent;
        head = 0;
        do
        :: head < posted && completed[head] -> head++
        :: else -> break
        od;
        tail = posted;
        handed_back = 1;
        assert(given_una <= given_nxt && (head == posted || begins[head] <= given_una)) }
    od
}
